"""The file in which a project declares the deviations that it knows, each with a reason."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bnparity_reference import OUTPUTS, Dialect

from bnparity.backends import UsageError, did_you_mean

#: Kinds of findings, as the schema of results has them.
KINDS = (
    "accuracy",
    "semantics",
    "error",
    "crash",
    "hang",
    "mutation",
    "nondeterminism",
    "vacuous",
    "contract",
)

#: What a code can be about: a convention, or how a backend promises to sum.
_CODED = (*(field.name for field in fields(Dialect)), "accumulation")

_VERSION = r"\d+(\.\d+)*"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A deviation that is known: the findings on `backend` that all its other words apply to.

    `backend` is a name, or one with ``*`` and ``?``. `number` counts the entries of a file from 1.
    From the version `until` on the deviation is excused no more.
    """

    number: int
    backend: str
    reason: str
    code: str = ""
    finding: str = ""
    output: str = ""
    kind: str = ""
    until: str = ""

    def about(self, backend: str) -> bool:
        """Return whether a backend of this name is meant."""
        pattern = self.backend.replace("[", "[[]")  # of a variant, as in mindspore[graph]
        return fnmatchcase(backend, pattern)

    def covers(self, finding: Mapping[str, Any], output: str, cause: str) -> bool:
        """Return whether it declares that `output` deviates by this cause, as in `finding`."""
        asked = (
            (self.code, cause),
            (self.output, output),
            (self.finding, finding["id"]),
            (self.kind, finding["kind"]),
        )
        return all(word in ("", there) for word, there in asked)

    def ended(self, version: str) -> bool:
        """Return whether `version` is no longer excused; one that has no number never is."""
        if not self.until:
            return False
        found = re.match(_VERSION, version)
        return found is None or _release(found[0]) >= _release(self.until)

    def __str__(self) -> str:
        words = [f"{name} {value}" for name, value in self._words() if value]
        return f"entry {self.number} ({', '.join([self.backend, *words])})"

    def _words(self) -> list[tuple[str, str]]:
        return [(name, getattr(self, name)) for name in _WHAT]


@dataclass(frozen=True, kw_only=True)
class Known:
    """The entries of a file, which is called what the command called it."""

    file: str
    entries: tuple[Entry, ...]


def declared_in(path: Path) -> Known:
    """Return the deviations that the TOML file at `path` declares.

    Raises
    ------
    UsageError
        If it cannot be read, or if an entry is not whole.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"--known {str(path)!r} cannot be read ({error.strerror}): give a TOML file"
        ) from error
    except ValueError as error:
        raise UsageError(f"--known {str(path)!r} is no TOML ({error}): give a TOML file") from error
    for key in document:
        if key != "known":
            raise UsageError(f"{path}: nothing is called {key!r}; write each entry below [[known]]")
    tables = document.get("known", [])
    if not isinstance(tables, list):
        raise UsageError(f"{path}: known is one table; write each entry below [[known]]")
    entries = [_entry(f"{path}: entry {n}", n, table) for n, table in enumerate(tables, 1)]
    return Known(file=str(path), entries=tuple(entries))


def _entry(where: str, number: int, table: Any) -> Entry:
    if not isinstance(table, dict):
        raise UsageError(f"{where} is {table!r}, no table; write each entry below [[known]]")
    for key, value in table.items():
        if key not in _CHECKS:
            close = did_you_mean(key, _CHECKS)
            raise UsageError(f"{where}: nothing is called {key!r}{close}: use {', '.join(_CHECKS)}")
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{where}: {key} is {value!r}; write words in quotes")
        if wrong := _CHECKS[key](value):
            raise UsageError(f"{where}: {key} is {value!r}{wrong}")
    for key in ("backend", "reason"):
        if key not in table:
            raise UsageError(f"{where} has no {key}: add {key} = {_EXAMPLES[key]!r}")
    if not table.keys() & set(_WHAT):
        raise UsageError(f"{where} says of no finding that it is known: add {', '.join(_WHAT)}")
    return Entry(number=number, **table)


def _wrong_code(code: str) -> str:
    field, equals, _ = code.partition("=")
    if equals and field in _CODED:
        return ""
    close = did_you_mean(field, _CODED)
    return f"{close}; write it as a finding has it: running_variance=biased"


def _wrong_until(version: str) -> str:
    return "" if re.fullmatch(_VERSION, version) else "; write the number of a version: 2.14"


def _one_of(words: tuple[str, ...]) -> Callable[[str], str]:
    def wrong(word: str) -> str:
        return "" if word in words else f"{did_you_mean(word, words)}; use {', '.join(words)}"

    return wrong


def _anything(_: str) -> str:
    return ""


#: What an entry may have, each with what says why a value of it is wrong.
_CHECKS: Mapping[str, Callable[[str], str]] = {
    "backend": _anything,
    "reason": _anything,
    "code": _wrong_code,
    "finding": _anything,
    "output": _one_of(OUTPUTS),
    "kind": _one_of(KINDS),
    "until": _wrong_until,
}
#: Those that say which findings are meant: one of them at least.
_WHAT = ("code", "finding", "output", "kind")
_EXAMPLES = {"backend": "torch", "reason": "why it is accepted"}


def _release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version; 2.14 and 2.14.0 are the same."""
    numbers = [int(number) for number in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)
