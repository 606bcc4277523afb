"""Two results documents, backend by backend: each difference told once, as what it follows from."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from bnparity.comparison.change import Change, Comparison, Direction
from bnparity.comparison.deviations import changed_findings
from bnparity.comparison.matching import matched
from bnparity.comparison.ratios import Ratios, fails_more, grown, ratios_of
from bnparity.grade import GRADES

Backend: TypeAlias = Mapping[str, Any]
ByOutput: TypeAlias = Mapping[tuple[str, str], Ratios]

#: Statuses with which a run is content, whatever the luck of the draw decides between them.
_ACCEPTABLE = ("pass", "loose")


def compare(
    old: Mapping[str, Any], new: Mapping[str, Any], *, baseline: bool = False
) -> Comparison:
    """Return what two documents of the schema ``bnparity-results/1`` say differently.

    Parameters
    ----------
    old, new
        The documents.
    baseline
        Whether `old` says what is known, and what has to be there: a backend that only `old` has
        is a regression then, and so is each finding on a backend that only `new` has.

    Raises
    ------
    bnparity.mistakes.Mistake
        If a document has two backends of one name.
    """
    changes: list[Change] = []
    comparable = old["run"]["bnparity"] == new["run"]["bnparity"]
    if not comparable:
        changes.append(_not_comparable(old, new))
    for before, after in matched(old["backends"], new["backends"]):
        if before is None:
            changes += _added(after, baseline)
        elif after is None:
            changes += _gone(before, baseline)
        else:
            changes += _differences(before, after, baseline, comparable)
    return Comparison(old=old["run"], new=new["run"], changes=tuple(changes), baseline=baseline)


def _not_comparable(old: Mapping[str, Any], new: Mapping[str, Any]) -> Change:
    return Change(
        direction="changed",
        backend="",
        subject="bnparity",
        old=old["run"]["bnparity"],
        new=new["run"]["bnparity"],
        note="bounds may differ from version to version: ratios are not compared",
    )


def _added(backend: Backend, baseline: bool) -> Iterator[Change]:
    name, status = backend["name"], backend["status"]
    yield Change(
        direction="changed", backend=name, subject="backend", new=status, note=backend["reason"]
    )
    if baseline:
        yield from changed_findings(
            name, [], backend["findings"], still_checked=bool, by_luck=lambda _: False
        )


def _gone(backend: Backend, baseline: bool) -> Iterator[Change]:
    lost = baseline and backend["status"] != "unavailable"
    yield Change(
        direction="regressed" if lost else "changed",
        backend=backend["name"],
        subject="backend",
        old=backend["status"],
        note="it is not in the new run",
    )


def _differences(old: Backend, new: Backend, baseline: bool, comparable: bool) -> Iterator[Change]:
    name = new["name"]
    yield from _facts(old, new)
    if "unavailable" in (old["status"], new["status"]):
        yield from _availability(old, new, baseline)
        return
    before, after = ratios_of(old), ratios_of(new)
    changes = [
        *changed_findings(
            name,
            old["findings"],
            new["findings"],
            still_checked=lambda output: any(output == checked for checked, _ in after),
            by_luck=lambda output: not _fails_more(output, before, after),
        ),
        *_coverage(name, before, after),
        *_claims(name, old, new),
    ]
    told = {output for change in changes for output in change.where.split(", ")}
    if comparable:
        changes += _ratios(name, before, after, told)
    changes += _sums(name, old, new)
    yield from _status(name, old, new, changes)
    yield from changes


def _facts(old: Backend, new: Backend) -> Iterator[Change]:
    for fact in ("name", "version", "device", "dialect"):
        if old[fact] != new[fact]:
            yield Change(
                direction="changed",
                backend=new["name"],
                subject=fact,
                old=old[fact],
                new=new[fact],
            )


def _availability(old: Backend, new: Backend, baseline: bool) -> Iterator[Change]:
    name = new["name"]
    if old["status"] == new["status"]:
        return
    lost = new["status"] == "unavailable"
    yield Change(
        direction="regressed" if lost else "mended",
        backend=name,
        subject="status",
        old=old["status"],
        new=new["status"],
        note=new["reason"] or old["reason"],
    )
    if baseline and not lost:
        yield from changed_findings(
            name, [], new["findings"], still_checked=bool, by_luck=lambda _: False
        )


def _status(name: str, old: Backend, new: Backend, changes: list[Change]) -> Iterator[Change]:
    """Yield the change of a status; what it follows from says whether it is for the worse."""
    if old["status"] == new["status"]:
        return
    worse = old["status"] in _ACCEPTABLE and new["status"] not in _ACCEPTABLE
    better = old["status"] not in _ACCEPTABLE and new["status"] in _ACCEPTABLE
    explained = any(change.direction == "regressed" for change in changes)
    direction: Direction = "regressed" if worse and not explained else "changed"
    yield Change(
        direction="mended" if better else direction,
        backend=name,
        subject="status",
        old=old["status"],
        new=new["status"],
    )


def _fails_more(output: str, before: ByOutput, after: ByOutput) -> bool:
    keys = [key for key in after if key[0] == output]
    return any(fails_more(before.get(key, Ratios()), after[key]) for key in keys)


def _coverage(name: str, before: ByOutput, after: ByOutput) -> Iterator[Change]:
    """Yield the outputs that only one of the runs checked, in each format."""
    for key in [*before, *(key for key in after if key not in before)]:
        if key not in before or key not in after:
            checked = before.get(key) or after[key]
            yield Change(
                direction="regressed" if key in before else "changed",
                backend=name,
                subject="checks",
                where=_named(key),
                old=str(checked.checks) if key in before else "0",
                new=str(checked.checks) if key in after else "0",
            )


def _ratios(name: str, before: ByOutput, after: ByOutput, told: set[str]) -> Iterator[Change]:
    """Yield the outputs whose ratios are others, beyond noise, if nothing else tells of them."""
    for key in before:
        if key not in after or key[0] in told:
            continue
        old, new = before[key], after[key]
        worse = grown(old, new) or fails_more(old, new)
        if worse or grown(new, old) or fails_more(new, old):
            yield Change(
                direction="regressed" if worse else "mended",
                backend=name,
                subject="ratios",
                where=_named(key),
                old=str(old),
                new=str(new),
            )


def _sums(name: str, old: Backend, new: Backend) -> Iterator[Change]:
    """Yield the outputs whose grade of accumulation is another, where both runs have one.

    A grade is no promise: it explains larger ratios, and is none of its own.
    """
    for output, figures in new["outputs"].items():
        before = old["outputs"].get(output, {}).get("grade")
        if before and figures["grade"] and before != figures["grade"]:
            yield Change(
                direction="changed",
                backend=name,
                subject="sums",
                where=output,
                old=before,
                new=figures["grade"],
                note=_than(before, figures["grade"]),
            )


def _than(old: str, new: str) -> str:
    if old not in GRADES or new not in GRADES:
        return ""
    worse = [*GRADES].index(new) > [*GRADES].index(old)
    return "less accurate" if worse else "more accurate"


def _claims(name: str, old: Backend, new: Backend) -> Iterator[Change]:
    """Yield the claims of documents whose verdict is another, where both runs have them."""
    before = {(claim["api"], claim["id"]): claim["verdict"] for claim in old.get("claims", [])}
    for claim in new.get("claims", []):
        verdict = before.get((claim["api"], claim["id"]), claim["verdict"])
        if verdict != claim["verdict"]:
            yield Change(
                direction=_CLAIM.get((verdict, claim["verdict"]), "changed"),
                backend=name,
                subject="claim",
                where=claim["id"],
                old=verdict,
                new=claim["verdict"],
                note=claim["evidence"],
            )


_CLAIM: Mapping[tuple[str, str], Direction] = {
    ("holds", "differs"): "regressed",
    ("differs", "holds"): "mended",
}


def _named(key: tuple[str, str]) -> str:
    output, dtype = key
    return f"{output} of {dtype}" if dtype else output
