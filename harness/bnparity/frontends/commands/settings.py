"""What a project wants of every run: ``[tool.bnparity]`` in pyproject.toml.

The command line goes before it. Paths are as the file has them, from its own folder.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from bnparity.backends import UsageError, did_you_mean, format_of
from bnparity.cases import declaration

#: The file, and the table in it.
FILE, TABLE = "pyproject.toml", "tool.bnparity"


@dataclass(frozen=True, kw_only=True)
class Project:
    """The settings of a project: each as the option of the command line, if it is set.

    ``named`` has the backends that the project has names for, as ``file.py:function``.
    """

    backends: tuple[str, ...] = ()
    dialect: str | None = None
    dtypes: tuple[str, ...] | None = None
    examples: int | None = None
    seed: int | None = None
    baseline: Path | None = None
    known: Path | None = None
    named: Mapping[str, str] = field(default_factory=dict)

    def meant(self, texts: list[str]) -> list[str]:
        """Return the names of backends, those of the project's own as what they stand for."""
        return [self.named.get(text, text) for text in texts]


#: What a setting has to be, in words, and what makes it a value from the folder of the file.
Setting: TypeAlias = tuple[str, Callable[[Any, Path], Any]]


def project() -> Project:
    """Return the settings of the project that the current folder is in.

    They are those of the nearest pyproject.toml, here or above, that has any.

    Raises
    ------
    UsageError
        If one of them is unknown, or is not what it has to be.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        table = _table(folder / FILE)
        if table is not None:
            return Project(**dict(_setting(key, table[key], folder) for key in table))
    return Project()


def _table(path: Path) -> Mapping[str, Any] | None:
    """Return the table of ours in a file; None if there is none."""
    if not path.is_file():
        return None
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        told = " ".join(str(error).split())
        raise UsageError(f"{_shown(path)} cannot be read ({told}): mend it") from error
    table = tables.get("tool", {}).get("bnparity")
    if table is not None and not isinstance(table, Mapping):
        raise UsageError(f"{_shown(path)}: {TABLE} is {table!r}: write a table, [{TABLE}]")
    return table


def _setting(key: str, value: Any, folder: Path) -> tuple[str, Any]:
    where = f"{_shown(folder / FILE)}: {TABLE}"
    if key not in _SETTINGS:
        known, hint = ", ".join(_SETTINGS), did_you_mean(key, _SETTINGS)
        raise UsageError(f"{where} has no setting {key!r}{hint}: choose from {known}")
    wanted, read = _SETTINGS[key]
    try:
        return key, read(value, folder)
    except UsageError as error:
        raise UsageError(f"{where}.{key}: {error}") from error
    except (TypeError, ValueError) as error:
        raise UsageError(f"{where}.{key} is {value!r}: give {wanted}") from error


def _whole(least: int) -> Callable[[Any, Path], int]:
    def read(value: Any, _: Path) -> int:
        if type(value) is not int or value < least:
            raise ValueError
        return value

    return read


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise TypeError
    return tuple(value)


def _dialect(value: Any, _: Path) -> str:
    text = _text(value)
    declaration(text)
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _path(value: Any, folder: Path) -> Path:
    return Path(_shown(folder / _text(value)))


def _named(value: Any, folder: Path) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError
    return {name: _target(target, folder) for name, target in value.items()}


def _target(value: Any, folder: Path) -> str:
    """Return a backend whose file is found from here."""
    place, colon, attribute = _text(value).rpartition(":")
    of_file = place.endswith(".py") and not Path(place).is_absolute()
    return f"{_shown(folder / place)}{colon}{attribute}" if of_file else _text(value)


def _shown(path: Path) -> str:
    """Return a path as it leads from here."""
    return os.path.relpath(path)


_SETTINGS: Mapping[str, Setting] = {
    "backends": (
        "a list of names",
        lambda value, folder: tuple(_target(text, folder) for text in _texts(value)),
    ),
    "dialect": ("the name of a dialect", _dialect),
    "dtypes": (
        "a list of formats",
        lambda value, _: tuple(format_of(name).name for name in _texts(value)),
    ),
    "examples": ("a whole number above 0", _whole(1)),
    "seed": ("a whole number", _whole(0)),
    "baseline": ("the path of results", _path),
    "known": ("the path of a file of known deviations", _path),
    "named": ('a table of backends, name = "file.py:function"', _named),
}
