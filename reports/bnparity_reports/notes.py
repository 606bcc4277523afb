"""What a terminal says below the sentence on a backend: what was left out, and how it adds up."""

import re
from collections.abc import Iterator, Sequence

from bnparity_reports.figures import (
    CLAUSE,
    OUTPUTS,
    checked,
    counted,
    drift,
    earlier,
    ratio,
    shortened,
    verdict,
)
from bnparity_reports.sections import mode_of, plain
from bnparity_reports.view import View

#: How sums seem to be taken, in words that need no explanation.
_SUMS = {
    "wide": "adds up in a wider format, or as accurately",
    "pairwise": "adds values in pairs or small blocks",
    "serial": "adds values one after the other",
    "half": "adds up in a half format",
}


def notes(backend: View, *, full: bool) -> Iterator[str]:
    """Yield what is known of a backend besides its verdict, in sentences.

    Parameters
    ----------
    backend
        As in the results.
    full
        Whether all of it is told, one by one; else what changes how the verdict is read.
    """
    if full:
        yield from _place(backend)
    if taken_for := backend.get("taken_for"):
        yield f"taken for {shortened(taken_for, CLAUSE)}."
    if asked := earlier(backend):
        yield f"{asked}."
    if stopped := backend.get("stopped"):
        yield f"{stopped}."
    yield from _asked_again(backend)
    for what, why in backend.get("not_asked", {}).items():
        yield f"{shortened(what)} not asked: {shortened(why)}."
    unsupported = backend.get("unsupported", {})
    for question, count in (unsupported if full else _folded(unsupported)).items():
        yield f"{counted(count, 'case')} not judged: {question}"
    if sums := _sums(backend, full=full):
        yield f"{sums}."
    if full:
        if drifts := drift(backend):
            yield f"{drifts}."
        yield from _differing(backend)


def _asked_again(backend: View) -> Iterator[str]:
    """Yield what came instead of an answer at first: a machine can cause it too."""
    for came, count in backend.get("asked_again", {}).items():
        were = "was" if count == 1 else "were"
        yield f"{counted(count, 'case')} {were} answered when asked again; at first {came}."


def worst_loose(backend: View) -> View | None:
    """Return the worst loose case of a loose backend, with its ``output``; None where none is kept.

    Its ``text`` is a line, its ``repro`` the path of a script, or None.
    """
    kept = [
        (name, found["worst_case"])
        for name, found in checked(backend).items()
        if "worst_case" in found and backend["status"] == "loose"
    ]
    if not kept:
        return None
    output, worst = max(kept, key=lambda named: float(named[1]["ratio"]))
    case = worst["case"]
    where = f"{mode_of(case)} on {shortened(plain(case.get('shape', '')))}"
    text = f"worst loose case: {where}, ratio {ratio(worst['ratio'])} in {output}"
    return {"output": output, "text": text, "repro": worst["repro"]}


def _place(backend: View) -> Iterator[str]:
    """Yield what was judged, where, and how long that took."""
    facts = [backend["device"] and f"on {backend['device']}", backend["interpreter"]]
    asked = f"{counted(backend['cases'], 'case')}, {counted(backend['checks'], 'check')}"
    yield "; ".join([*filter(None, facts), f"{asked} in {ratio(backend['seconds'])} s"])


def _folded(unsupported: dict[str, int]) -> dict[str, int]:
    """Return reasons with their counts, those that differ in numbers alone as one.

    Examples
    --------
    >>> _folded({"8 values at least, not 2": 3, "8 values at least, not 4": 1, "no layout": 2})
    {'N values at least, not N': 4, 'no layout': 2}
    """
    groups: dict[str, list[str]] = {}
    for reason in unsupported:
        groups.setdefault(re.sub(r"\d+(?:\.\d+)?", "N", reason), []).append(reason)
    return {
        (reasons[0] if len(reasons) == 1 else alike): sum(unsupported[r] for r in reasons)
        for alike, reasons in groups.items()
    }


def _sums(backend: View, *, full: bool) -> str:
    """Return how sums seem to be taken, with the outputs of which that is said.

    Where a verdict is not loose, or not all is asked for, that is no news.
    """
    outputs: dict[str, list[str]] = {}
    for output, figures in checked(backend).items():
        if (grade := figures["grade"]) and (full or verdict(figures) == "loose"):
            outputs.setdefault(grade, []).append(output)
    return "; ".join(f"{_adds(grade)} in {_series(names)}" for grade, names in outputs.items())


def _adds(grade: str) -> str:
    return f"{_SUMS.get(grade, 'adds up')} ({shortened(grade)})"


def _series(names: Sequence[str]) -> str:
    if len(names) == len(OUTPUTS):
        return "every output"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _differing(backend: View) -> Iterator[str]:
    """Yield the claims of its documents that a backend does not follow, one by one."""
    for claim in backend.get("claims", []):
        if claim["verdict"] == "differs":
            said, title = shortened(claim["statement"], CLAUSE), shortened(claim["title"])
            yield f"its documentation says: {said} ({title}); measured: {claim['evidence']}"
