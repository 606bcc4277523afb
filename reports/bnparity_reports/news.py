"""What is news in the results, and what is known: every report reads it here.

The harness has decided it: a finding is known if it says why, and whatever else fails the run is a
problem. In results that say neither, every finding is news.
"""

from collections.abc import Sequence

from bnparity_reports.figures import counted
from bnparity_reports.view import View

_NOTHING: View = {"baseline": None, "known": None, "comparison": None, "problems": []}


def news_of(results: View) -> View:
    """Return what a run was measured by and its problems, as the results have them."""
    found: View = results.get("news", _NOTHING)
    return found


def is_known(finding: View) -> bool:
    """Return whether a finding does not fail the run."""
    return finding.get("known") is not None


def split(findings: Sequence[View]) -> tuple[list[View], list[View]]:
    """Return the findings that are news, and those that are known."""
    fresh = [finding for finding in findings if not is_known(finding)]
    return fresh, [finding for finding in findings if is_known(finding)]


def found(findings: Sequence[View]) -> str:
    """Return how many findings there are, and how many of them are known.

    Examples
    --------
    >>> found([{"known": "by design"}, {}])
    '2 findings, 1 of them known'
    """
    known = len(split(findings)[1])
    if known == len(findings):
        return counted(known, "known finding")
    return counted(len(findings), "finding") + (f", {known:,} of them known" if known else "")


def headline(results: View) -> str:
    """Return what is news, and how much is known, in a line; nothing where nothing was known.

    Examples
    --------
    >>> headline({"news": {**_NOTHING, "known": "known.toml"}, "backends": []})
    'nothing new'
    """
    news = news_of(results)
    if news["baseline"] is None and news["known"] is None:
        return ""
    findings = [finding for backend in results["backends"] for finding in backend["findings"]]
    fresh, known = split(findings)
    said = [counted(len(fresh), "new finding")] if fresh else []
    said += [counted(len(news["problems"]), "problem")] if news["problems"] else []
    said += [f"{count:,} mended"] if (count := mended(news["comparison"])) else []
    if not fresh and not news["problems"]:
        said.insert(0, _quiet(news["comparison"]))
    said += [stand(len(known), "known finding")] if known else []
    return "; ".join(said)


def stand(count: int, noun: str) -> str:
    """Return that so many findings are there as before.

    Examples
    --------
    >>> stand(1, "finding"), stand(3, "known finding")
    ('1 finding stands', '3 known findings stand')
    """
    return f"{counted(count, noun)} {'stands' if count == 1 else 'stand'}"


def _quiet(comparison: View | None) -> str:
    return "nothing changed" if comparison and not comparison["changes"] else "nothing new"


def mended(comparison: View | None) -> int:
    """Return how much is mended; a status follows from the rest."""
    changes = comparison["changes"] if comparison else []
    return sum(c["direction"] == "mended" and c["subject"] != "status" for c in changes)
