"""Cases across backends: what each of those that were asked the same one made of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from bnparity_reports.figures import OUTPUTS, ratio, shortened
from bnparity_reports.sections import dtype_of, mode_of, parts_of, summary_of
from bnparity_reports.view import View

#: Verdicts in the order in which a line counts them.
_ORDER = ("fail", "loose", "pass", "not checked")


def across(cases: Sequence[View], sections: Mapping[str, View]) -> list[View]:
    """Return what the page shows of each case that several backends were asked.

    Parameters
    ----------
    cases
        As in the results.
    sections
        What the page shows of each backend, by its name in the results.
    """
    return [_case(found, sections) for found in cases]


def _case(found: View, sections: Mapping[str, View]) -> View:
    case, answers = found["case"], found["answers"]
    shown = [_row(answers[name], section) for name, section in sections.items() if name in answers]
    return {
        "counts": counts([row["verdict"] for row in shown]),
        "summary": summary_of(case),
        "dtype": dtype_of(case),
        "mode": mode_of(case),
        "case": list(parts_of(case)),
        "rows": shown,
    }


def counts(verdicts: Sequence[str]) -> list[tuple[str, int]]:
    """Return each verdict there is, the worst first, and how many have it.

    Examples
    --------
    >>> counts(["pass", "fail", "pass"])
    [('fail', 1), ('pass', 2)]
    """
    of_each = Counter(verdicts)
    return [(word, of_each[word]) for word in _ORDER if of_each[word]]


def _row(answer: View, section: View) -> View:
    ratios: dict[str, float | None] = answer["ratios"]
    return {
        "anchor": section["anchor"],
        "name": section["name"],
        "verdict": answer["verdict"],
        "fault": shortened(answer["fault"]),
        "ratios": [ratio(ratios.get(output)) for output in OUTPUTS],
    }
