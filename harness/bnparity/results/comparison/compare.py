"""Two results documents, backend by backend: each difference told once, as what it follows from."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from bnparity.results.comparison.change import Change, Comparison, Direction
from bnparity.results.comparison.checks import Checks, changed_checks, checks_of, newly_fails
from bnparity.results.comparison.deviations import changed_findings, unknown_findings
from bnparity.results.comparison.errors import changed_errors
from bnparity.results.comparison.matching import matched

Backend: TypeAlias = Mapping[str, Any]

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
    bnparity.backends.errors.UsageError
        If a document has two backends of one name.
    """
    changes: list[Change] = []
    for before, after in matched(old["backends"], new["backends"]):
        if before is not None and after is not None:
            changes += _differences(before, after, baseline)
        elif after is not None:
            changes += _added(after, baseline)
        elif before is not None:
            changes += _gone(before, baseline)
    return Comparison(old=old["run"], new=new["run"], changes=tuple(changes), baseline=baseline)


def _added(backend: Backend, baseline: bool) -> Iterator[Change]:
    name, status = backend["name"], backend["status"]
    yield Change(
        direction="changed", backend=name, subject="backend", new=status, note=backend["reason"]
    )
    if baseline:
        yield from unknown_findings(name, backend["findings"])


def _gone(backend: Backend, baseline: bool) -> Iterator[Change]:
    lost = baseline and backend["status"] != "unavailable"
    yield Change(
        direction="regressed" if lost else "changed",
        backend=backend["name"],
        subject="backend",
        old=backend["status"],
        note="it is not in the new run",
    )


def _differences(old: Backend, new: Backend, baseline: bool) -> Iterator[Change]:
    name = new["name"]
    yield from _facts(old, new)
    if "unavailable" in (old["status"], new["status"]):
        yield from _availability(old, new, baseline)
        return
    before, after = checks_of(old), checks_of(new)

    def by_luck(output: str) -> bool:
        return not any(
            newly_fails(before.get(key, Checks()), after[key]) for key in after if key[0] == output
        )

    findings = list(
        changed_findings(
            name,
            old["findings"],
            new["findings"],
            checked={output for output, _ in after},
            by_luck=by_luck,
        )
    )
    told = {o for change in findings if change.new for o in change.where.split(", ")}
    changes = [
        *findings,
        *changed_checks(name, before, after, told),
        *changed_errors(name, old["outputs"], new["outputs"]),
        *_claims(name, old, new),
    ]
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
        yield from unknown_findings(name, new["findings"])


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
