"""Declared deviations beside what was found: which findings are known, which entries hold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from bnparity.results.comparison import deviations
from bnparity.results.document import Backend
from bnparity.results.news.declared import Entry, Known
from bnparity.results.news.problems import Problem

Finding: TypeAlias = Mapping[str, Any]

#: The one deviation of a fault: in no output, by no convention.
_FAULT = frozenset({("", "")})


def reason_of(finding: Finding, backend: Backend, known: Known) -> str | None:
    """Return why a finding is no news: every deviation in it is declared. None if one is not."""
    able = [
        entry
        for entry in known.entries
        if entry.about(backend["name"]) and not entry.ended(backend["version"])
    ]
    reasons: dict[str, None] = {}
    for deviation in sorted(_deviations(finding)):
        found = [entry.reason for entry in able if entry.covers(finding, *deviation)]
        if not found:
            return None
        reasons.update(dict.fromkeys(found))
    return "; ".join(reasons)


def broken(known: Known, backends: Sequence[Backend]) -> Iterator[Problem]:
    """Yield the entries that no longer hold, each as a problem."""
    for entry in known.entries:
        judged = [b for b in backends if entry.about(b["name"]) and (b["checks"] or b["findings"])]
        met = [b for b in judged if any(_touches(entry, finding) for finding in b["findings"])]
        if judged and not met:
            yield _problem(known, entry, "matches no finding: remove it")
        for backend in met:
            if entry.ended(backend["version"]):
                yield _problem(known, entry, _ended(entry, backend), backend["name"])


def _touches(entry: Entry, finding: Finding) -> bool:
    return any(entry.covers(finding, *deviation) for deviation in _deviations(finding))


def _deviations(finding: Finding) -> frozenset[tuple[str, str]]:
    return frozenset(deviations(finding)) or _FAULT


def _ended(entry: Entry, backend: Backend) -> str:
    if not backend["version"]:
        return f"holds until {entry.until}, and {backend['name']} has no version: remove until"
    return (
        f"holds until {entry.until}, and this is {backend['name']} {backend['version']}: "
        f"have it mended, or give a later version"
    )


def _problem(known: Known, entry: Entry, wrong: str, backend: str = "") -> Problem:
    text = f"{known.file}: {entry} {wrong}"
    return Problem(kind="known", text=text, backend=backend, file=known.file)
