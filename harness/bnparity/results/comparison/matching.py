"""Which backends of two runs are the same one: by name, or by the name of its file."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from bnparity.backends import UsageError

Backend: TypeAlias = Mapping[str, Any]


def matched(
    old: Sequence[Backend], new: Sequence[Backend]
) -> Iterator[tuple[str, Backend | None, Backend | None]]:
    """Yield names and pairs of the same backend, in the order of `new`; then those of `old` alone.

    A function has the path of its file in its name: of those that have no namesake, two are the
    same where they differ in nothing but folders.

    Raises
    ------
    UsageError
        If one run has two backends of one name.
    """
    before, after = _by_name(old), _by_name(new)
    lost = _by_file({name: b for name, b in before.items() if name not in after})
    added = _by_file({name: b for name, b in after.items() if name not in before})
    moved = {added[file]["name"]: lost[file] for file in added.keys() & lost.keys()}
    for name, backend in after.items():
        yield name, before.get(name, moved.get(name)), backend
    kept = {*after, *(backend["name"] for backend in moved.values())}
    yield from ((name, backend, None) for name, backend in before.items() if name not in kept)


def _by_name(backends: Sequence[Backend]) -> dict[str, Backend]:
    for name, count in Counter(backend["name"] for backend in backends).items():
        if count > 1:
            raise UsageError(f"{count} backends are called {name!r}: results name each only once")
    return {backend["name"]: backend for backend in backends}


def _by_file(backends: Mapping[str, Backend]) -> dict[str, Backend]:
    """Return the backends that are functions in files, by name without folders, if it is unique."""
    files = {name: name.rsplit("/", 1)[-1] for name in backends if ".py:" in name}
    counts = Counter(files.values())
    return {file: backends[name] for name, file in files.items() if counts[file] == 1}
