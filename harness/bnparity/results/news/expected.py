"""What is expected of a run, and the results with what is news in them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bnparity.results.comparison import Comparison, compare
from bnparity.results.document import Document
from bnparity.results.news.declared import Known
from bnparity.results.news.matching import broken, reason_of
from bnparity.results.news.problems import Problem, Strict, missing, of_change, refused, untold


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """The results of an earlier run, whose findings are known, and the file they are in."""

    file: str
    results: Document


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What a run is measured by.

    Parameters
    ----------
    baseline, known
        An earlier run, and declared deviations: what they know is no news.
    required
        Backends that have to be there.
    strict
        Verdicts that fail a run, whatever is known.
    whole
        Whether the run came to its end: of one that was stopped no entry is out of date.
    """

    baseline: Baseline | None = None
    known: Known | None = None
    required: frozenset[str] = frozenset()
    strict: tuple[Strict, ...] = ()
    whole: bool = True


#: A run of which nothing is known.
NOTHING_KNOWN = Expected()


def with_news(document: Document, expected: Expected = NOTHING_KNOWN) -> Document:
    """Return results that say of each finding whether it is known, and what else is wrong."""
    baseline, known = expected.baseline, expected.known or Known(file="", entries=())
    found = None if baseline is None else compare(baseline.results, document, baseline=True)
    declared = {
        (backend["name"], finding["id"]): reason
        for backend in document["backends"]
        for finding in backend["findings"]
        if (reason := reason_of(finding, backend, known)) is not None
    }
    comparison = None if found is None else _without(found, declared)
    reasons = {**_met_before(document, baseline, comparison), **declared}
    problems = [*_problems(document, expected, comparison)]
    if expected.whole:
        problems += broken(known, document["backends"])
    return {
        **document,
        "backends": [_told(backend, reasons) for backend in document["backends"]],
        "news": {
            "baseline": None if baseline is None else baseline.file,
            "known": None if expected.known is None else known.file,
            "comparison": None if comparison is None else comparison.to_json(),
            "problems": [problem.to_json() for problem in problems],
        },
    }


def has_news(document: Document) -> bool:
    """Return whether results fail: by a finding that nobody knows, or by another problem."""
    findings = (finding for backend in document["backends"] for finding in backend["findings"])
    return bool(document["news"]["problems"]) or any(f["known"] is None for f in findings)


def _without(comparison: Comparison, declared: Mapping[tuple[str, str], str]) -> Comparison:
    """Return a comparison without the findings that are declared."""
    kept = [c for c in comparison.changes if (c.backend, c.finding) not in declared]
    return replace(comparison, changes=tuple(kept))


def _met_before(
    document: Document, baseline: Baseline | None, comparison: Comparison | None
) -> dict[tuple[str, str], str]:
    """Return the findings that the baseline has, with where they are known from."""
    if baseline is None or comparison is None:
        return {}
    worse = {(change.backend, change.finding) for change in comparison.regressed}
    keys = ((b["name"], f["id"]) for b in document["backends"] for f in b["findings"])
    return {key: f"in {baseline.file}" for key in keys if key not in worse}


def _problems(
    document: Document, expected: Expected, comparison: Comparison | None
) -> Iterator[Problem]:
    for backend in document["backends"]:
        yield from missing(backend, expected.required)
        yield from refused(backend, expected.strict)
        if comparison is None:
            yield from untold(backend)
    if comparison is not None:  # it tells of what fails, with or without a finding
        yield from (of_change(c) for c in comparison.regressed if not c.finding)


def _told(backend: dict[str, Any], reasons: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    findings = [
        {**finding, "known": reasons.get((backend["name"], finding["id"]))}
        for finding in backend["findings"]
    ]
    return {**backend, "findings": findings}
