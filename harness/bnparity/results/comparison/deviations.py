"""Which findings of two runs are the same deviation.

A deviation is known by where it shows and by what causes it: an output together with a code, such
as ``running_var`` with ``momentum=old``. Of a value that no convention explains the cause is
`UNEXPLAINED`, whether the finding calls it one of accuracy or of semantics: that depends on the
smallest case that was met. Not compared are ids and texts, which change with a framework's version,
and ratios and counts, which change with the cases drawn.

A fault, such as an exception, has neither output nor code. Faults of one kind are the same as far
as there are as many of them; a text that is known is the same fault to begin with.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from bnparity.results.comparison.change import Change, Direction

Finding: TypeAlias = Mapping[str, Any]
Deviation: TypeAlias = tuple[str, str]

#: The cause of what no code explains.
UNEXPLAINED = "no convention"

#: Kinds whose findings concern values.
_OF_VALUES = ("accuracy", "semantics")
#: Kinds whose findings concern outputs.
_OF_OUTPUTS = (*_OF_VALUES, "vacuous")


def deviations(finding: Finding) -> set[Deviation]:
    """Return the outputs that a finding concerns, each with every cause; none for a fault.

    Examples
    --------
    >>> found = {"kind": "accuracy", "output": "output", "codes": ["arithmetic=float16"]}
    >>> deviations(found)
    {('output', 'arithmetic=float16')}
    """
    if finding["kind"] not in _OF_OUTPUTS:
        return set()
    unnamed = UNEXPLAINED if finding["kind"] in _OF_VALUES else finding["kind"]
    outputs = finding.get("outputs") or [finding["output"]]
    return {(output, cause) for output in outputs for cause in finding["codes"] or [unnamed]}


def changed_findings(
    old: Sequence[Finding],
    new: Sequence[Finding],
    checked: Collection[str],
    by_luck: Callable[[str], bool],
) -> Iterator[Change]:
    """Yield the findings on a backend that are in one run only.

    Of outputs that the new run has not `checked` nothing is mended; `by_luck` says whether one may
    fail in the new run only because of the cases drawn.
    """
    before = {pair for finding in old for pair in deviations(finding)}
    after = {pair for finding in new for pair in deviations(finding)}
    for finding in new:
        unknown = deviations(finding) - before
        same = {pair for pair in unknown if _may_be_known(pair, before, by_luck)}
        yield from _of_values(finding, unknown - same, "regressed")
        yield from _of_values(finding, same, "changed")
    for finding in old:
        gone = {pair for pair in deviations(finding) - after if not pair[0] or pair[0] in checked}
        yield from _of_values(finding, gone, "mended")
    yield from _faults(old, new)


def unknown_findings(new: Sequence[Finding]) -> Iterator[Change]:
    """Yield every finding on a backend of which nothing is known."""
    return changed_findings([], new, checked=(), by_luck=lambda _: False)


def _may_be_known(
    pair: Deviation, before: Collection[Deviation], by_luck: Callable[[str], bool]
) -> bool:
    """Return whether a deviation that is not in `before` may still be one that is.

    A cause may have been there, and no case drawn that shows it in this output; or the output may
    have failed, and no case drawn that tells its cause.
    """
    output, cause = pair
    if cause in (UNEXPLAINED, "vacuous"):
        return False
    there = cause in {known for _, known in before}
    return (output, UNEXPLAINED) in before or (there and by_luck(output))


def _of_values(finding: Finding, pairs: set[Deviation], direction: Direction) -> Iterator[Change]:
    if pairs:
        causes = ", ".join(sorted({cause for _, cause in pairs}))
        where = ", ".join(sorted({output for output, _ in pairs} - {""}))
        if direction == "mended":
            yield Change(direction, "finding", where, causes, "", finding["text"])
        else:
            new = finding["id"]
            yield Change(direction, "finding", where, "", causes, finding["text"], finding=new)


def _faults(old: Sequence[Finding], new: Sequence[Finding]) -> Iterator[Change]:
    ids = {finding["id"] for finding in old} & {finding["id"] for finding in new}
    before = [f for f in old if f["kind"] not in _OF_OUTPUTS and f["id"] not in ids]
    after = [f for f in new if f["kind"] not in _OF_OUTPUTS and f["id"] not in ids]
    for kind in dict.fromkeys(finding["kind"] for finding in (*after, *before)):
        gone = [finding["text"] for finding in before if finding["kind"] == kind]
        come = [finding for finding in after if finding["kind"] == kind]
        both = min(len(gone), len(come))
        for was, now in zip(gone[:both], come[:both], strict=True):
            note = f"{now['text']} (it was: {was})"
            yield Change("changed", "finding", old=kind, new=kind, note=note, finding=now["id"])
        for added in come[both:]:
            note, identity = added["text"], added["id"]
            yield Change("regressed", "finding", new=kind, note=note, finding=identity)
        for text in gone[both:]:
            yield Change("mended", "finding", old=kind, note=text)
