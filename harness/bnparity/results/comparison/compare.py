"""Two results documents, backend by backend: each difference told once, as what it follows from."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bnparity.backends import UsageError
from bnparity.results.comparison.change import Change, Comparison, Direction
from bnparity.results.comparison.checks import (
    Checks,
    changed_checks,
    changed_errors,
    checks_of,
    newly_fails,
)
from bnparity.results.comparison.deviations import changed_findings, unknown_findings
from bnparity.results.document import Backend, Document

#: Statuses with which a run is content, whatever the luck of the draw decides between them.
_ACCEPTABLE = ("pass", "loose")

#: What another verdict on a claim says of the backend, where it says anything.
_CLAIM: Mapping[tuple[str, str], Direction] = {
    ("holds", "differs"): "regressed",
    ("differs", "holds"): "mended",
}


def compare(old: Document, new: Document, *, baseline: bool = False) -> Comparison:
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
    changes = tuple(
        replace(change, backend=name)
        for name, before, after in matched(old["backends"], new["backends"])
        for change in _changes(before, after, baseline)
    )
    return Comparison(
        old=old["run"],
        new=new["run"],
        changes=changes,
        baseline=baseline,
        standing=_standing(old, new, changes),
    )


def _standing(old: Document, new: Document, changes: Sequence[Change]) -> int:
    """Return how many findings of `new` are no news, of the backends that both runs have."""
    both = [
        after
        for _, before, after in matched(old["backends"], new["backends"])
        if before is not None and after is not None
    ]
    news = {
        (change.backend, change.finding) for change in changes if change.direction == "regressed"
    }
    keys = [(backend["name"], finding["id"]) for backend in both for finding in backend["findings"]]
    return sum(key not in news for key in keys)


def _changes(before: Backend | None, after: Backend | None, baseline: bool) -> Iterator[Change]:
    if before is not None and after is not None:
        yield from _facts(before, after)
        if "unavailable" in (before["status"], after["status"]):
            yield from _availability(before, after, baseline)
        else:
            yield from _differences(before, after)
    elif after is not None:
        yield Change("changed", "backend", new=after["status"], note=after["reason"])
        if baseline:
            yield from unknown_findings(after["findings"])
    elif before is not None:
        lost = baseline and before["status"] != "unavailable"
        direction: Direction = "regressed" if lost else "changed"
        yield Change(direction, "backend", old=before["status"], note="it is not in the new run")


def _facts(old: Backend, new: Backend) -> Iterator[Change]:
    for fact in ("name", "version", "device", "dialect"):
        if old[fact] != new[fact]:
            yield Change("changed", fact, old=old[fact], new=new[fact])


def _availability(old: Backend, new: Backend, baseline: bool) -> Iterator[Change]:
    if old["status"] == new["status"]:
        return
    lost = new["status"] == "unavailable"
    direction: Direction = "regressed" if lost else "mended"
    note = new["reason"] or old["reason"]
    yield Change(direction, "status", old=old["status"], new=new["status"], note=note)
    if baseline and not lost:
        yield from unknown_findings(new["findings"])


def _differences(old: Backend, new: Backend) -> Iterator[Change]:
    before, after = checks_of(old), checks_of(new)

    def by_luck(output: str) -> bool:
        return not any(
            newly_fails(before.get(key, Checks()), after[key]) for key in after if key[0] == output
        )

    checked = {output for output, _ in after}
    findings = [*changed_findings(old["findings"], new["findings"], checked, by_luck)]
    told = {output for change in findings if change.new for output in change.where.split(", ")}
    changes = [
        *findings,
        *changed_checks(before, after, told),
        *changed_errors(old["outputs"], new["outputs"]),
        *_claims(old.get("claims", []), new.get("claims", [])),
    ]
    yield from _status(old["status"], new["status"], changes)
    yield from changes


def _status(old: str, new: str, changes: Sequence[Change]) -> Iterator[Change]:
    """Yield the change of a status; what it follows from says whether it is for the worse."""
    direction: Direction = "changed"
    if old in _ACCEPTABLE and new not in _ACCEPTABLE:
        explained = any(change.direction == "regressed" for change in changes)
        direction = "changed" if explained else "regressed"
    elif old not in _ACCEPTABLE and new in _ACCEPTABLE:
        direction = "mended"
    if old != new:
        yield Change(direction, "status", old=old, new=new)


def _claims(old: Sequence[Mapping[str, str]], new: Sequence[Mapping[str, str]]) -> Iterator[Change]:
    """Yield the claims of documents whose verdict is another, where both runs have them."""
    before = {(claim["api"], claim["id"]): claim["verdict"] for claim in old}
    for claim in new:
        verdicts = before.get((claim["api"], claim["id"]), claim["verdict"]), claim["verdict"]
        if verdicts[0] != verdicts[1]:
            direction = _CLAIM.get(verdicts, "changed")
            yield Change(direction, "claim", claim["id"], *verdicts, claim["evidence"])


def matched(
    old: Sequence[Backend], new: Sequence[Backend]
) -> Iterator[tuple[str, Backend | None, Backend | None]]:
    """Yield names and pairs of the same backend, in the order of `new`; then those of `old` alone.

    A function has the path of its file in its name, and a framework may have a version: of those
    that have no namesake, two are the same where they differ in nothing but folders or versions.

    Raises
    ------
    UsageError
        If one run has two backends of one name.
    """
    before, after = _by_name(old), _by_name(new)
    lost = _by_kin({name: b for name, b in before.items() if name not in after})
    added = _by_kin({name: b for name, b in after.items() if name not in before})
    moved = {added[kin]["name"]: lost[kin] for kin in added.keys() & lost.keys()}
    for name, backend in after.items():
        yield name, before.get(name, moved.get(name)), backend
    kept = {*after, *(backend["name"] for backend in moved.values())}
    yield from ((name, backend, None) for name, backend in before.items() if name not in kept)


def _by_name(backends: Sequence[Backend]) -> dict[str, Backend]:
    for name, count in Counter(backend["name"] for backend in backends).items():
        if count > 1:
            raise UsageError(f"{count} backends are called {name!r}: results name each only once")
    return {backend["name"]: backend for backend in backends}


def _by_kin(backends: Mapping[str, Backend]) -> dict[str, Backend]:
    """Return backends by their names without folders and versions, those of which are unique."""
    kin = {name: _without_version(name.rsplit("/", 1)[-1]) for name in backends}
    counts = Counter(kin.values())
    return {own: backends[name] for name, own in kin.items() if counts[own] == 1}


def _without_version(name: str) -> str:
    base, version, rest = name.partition("==")
    return base + "".join(rest.partition("[")[1:]) if version else name
