"""The words of a command, checked before anything is done.

Each mistake is a `UsageError` of one line that names the word and the remedy.
"""

import re
import tempfile
from collections.abc import Callable, Sequence
from math import isfinite
from pathlib import Path
from typing import TypeVar

from bnparity.backends import (
    DEFAULT,
    MASKS,
    Name,
    UsageError,
    did_you_mean,
    format_of,
    in_brackets,
    of_distributions,
    parse,
)
from bnparity.cases import MOST_ELEMENTS

Number = TypeVar("Number", int, float)

#: Where JSON goes that is asked for with ``-``: standard output, which then holds nothing else.
STDOUT = Path("-")

_LONGEST = 365 * 86400.0
_UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
#: An interpreter with NumPy takes a few of these; a limit below it stops what is right.
_LEAST_BYTES = 2**28
_SIZES = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}


def whole(option: str) -> Callable[[str], int]:
    """Return a parser of the whole number that `option` takes."""
    return lambda text: int(_matched(option, text, r"-?\d+", "not a whole number")[0])


def seconds(option: str) -> Callable[[str], float]:
    """Return a parser of the length of time that `option` takes, ``"60s"``, in seconds."""

    def parse_seconds(text: str) -> float:
        wrong = "not a length of time; write 90, 60s, 5m or 1h"
        match = _matched(option, text, r"(\d+(?:\.\d+)?)([smh]?)", wrong)
        length = positive(option, float(match[1]) * _UNITS[match[2]])
        if length > _LONGEST:
            raise UsageError(f"{option} {text}: give less than a year")
        return length

    return parse_seconds


def bytes_of(option: str) -> Callable[[str], int]:
    """Return a parser of the size that `option` takes, ``"512M"`` or ``"4G"``, in bytes."""

    def parse_size(text: str) -> int:
        wrong = "not a size; write 512M or 4G"
        match = _matched(option, text, r"(?i)(\d{1,15}) *([KMG]?)B?", wrong)
        size = int(match[1]) * _SIZES[match[2].upper()]
        if size < _LEAST_BYTES:
            raise UsageError(f"{option} {text}: give 256M at least, or no backend can begin")
        return size

    return parse_size


def _matched(option: str, text: str, pattern: str, wrong: str) -> re.Match[str]:
    """Return how all of `text` matches; `wrong` says what it is if it does not."""
    match = re.fullmatch(pattern, str(text).strip())
    if match is None:
        raise UsageError(f"{option} {text}: {wrong}")
    return match


def place(text: str) -> Path:
    """Return the path of a file to write; ``-`` is standard output, ``./-`` a file of that name.

    Examples
    --------
    >>> place("-") == STDOUT, place("./-").is_absolute()
    (True, True)
    """
    path = Path(text)
    return path.absolute() if path == STDOUT and text != "-" else path


def file(option: str) -> Callable[[str], Path]:
    """Return a parser of the path of a file, which `option` takes: nothing else is one."""

    def parse_file(text: str) -> Path:
        if text in ("", "-"):
            raise UsageError(f"{option} {text!r}: give the path of a file")
        return Path(text)

    return parse_file


def positive(option: str, value: Number) -> Number:
    """Return `value`, which must be above 0."""
    if not (value > 0 and isfinite(value)):
        raise UsageError(f"{option} {value:g}: nothing would be checked; give a number above 0")
    return value


def not_negative(option: str, value: Number) -> Number:
    """Return `value`, which may be 0."""
    if not value >= 0:
        raise UsageError(f"{option} {value}: give 0 or more")
    return value


def formats(text: str | None) -> tuple[str, ...] | None:
    """Return the dtypes that a comma-separated list names; None without one."""
    return None if text is None else tuple(format_of(n.strip()).name for n in text.split(","))


def masks(text: str | None) -> str:
    """Return which masks ``--mask`` asks for; nothing if it was not given."""
    if text is not None and text not in MASKS[1:]:
        hint = did_you_mean(text, MASKS[1:])
        raise UsageError(f"--mask {text}: choose from {', '.join(MASKS[1:])}{hint}")
    return text or ""


def elements(most: int) -> int:
    """Return how many elements a case may have: what is drawn can be replayed from its JSON."""
    if not 2 <= most <= MOST_ELEMENTS:
        raise UsageError(f"--max-elements {most}: give a number from 2 to {MOST_ELEMENTS}")
    return most


def names(backends: Sequence[str], required: Sequence[str] = ()) -> list[Name]:
    """Return the backends to judge: those named, those required, or those judged by default."""
    chosen = backends or tuple(dict.fromkeys((*DEFAULT, *of_distributions())))
    return [parse(text) for text in dict.fromkeys((*chosen, *required))]


def said_of(backends: Sequence[str], kind: str | None, mapped: Sequence[str]) -> list[str]:
    """Return the names of backends with what is said of them in brackets, as a finding keeps it.

    Examples
    --------
    >>> said_of(["my.py:Norm"], "torch-module", ["running_mean=ema_mean"])
    ['my.py:Norm[as=torch-module,running_mean=ema_mean]']
    """
    said = in_brackets(kind, mapped)
    if not said:
        return list(backends)
    files = [text for text in backends if ":" in text and not text.endswith("]")]
    if files != list(backends) or not files:
        raise UsageError("--as and --map are about a layer of yours: name it, my_model.py:MyNorm")
    return [f"{text}[{said}]" for text in backends]


def in_python(backends: Sequence[str], python: str | None) -> list[str]:
    """Return the names of backends with the interpreter that runs them in brackets.

    Examples
    --------
    >>> in_python(["mindspore", "mindspore[graph]"], "/opt/python3")
    ['mindspore[python=/opt/python3]', 'mindspore[graph,python=/opt/python3]']
    """
    if python is None:
        return list(backends)
    if not backends:
        raise UsageError(f"--python {python}: name the backends that it runs")
    with_brackets = [text.removesuffix("]") + ("," if "[" in text else "[") for text in backends]
    return [f"{text}python={python}]" for text in with_brackets]


def writable(
    *paths: Path | None, sources: Sequence[Name] = (), read: Sequence[Path | None] = ()
) -> None:
    """Check that a file can be written at each path that is given, and leave nothing behind.

    No two are one file, and none is that of a backend, or one of those that are `read`.
    """
    written = [path for path in paths if path is not None and path != STDOUT]
    taken = {path.resolve(): "is read, and would be lost" for path in read if path is not None}
    taken |= {Path(n.target.rpartition(":")[0]).resolve(): "holds a backend" for n in sources}
    for path in written:
        if (place := path.resolve()) in taken:
            raise UsageError(f"{str(path)!r} {taken[place]}: give a path of its own")
        taken[place] = "is named twice"
        if path.is_dir():
            raise UsageError(f"{str(path)!r} is a folder: give the path of a file")
        if path.exists() and not path.is_file():
            raise UsageError(f"{str(path)!r} is no regular file: give the path of one")
        parent = next(folder for folder in path.absolute().parents if folder.exists())
        try:
            # What is written has such a name at first.
            with tempfile.NamedTemporaryFile(dir=parent, prefix=f".{path.name}."):
                pass
        except OSError as error:
            raise UsageError(
                f"{str(path)!r} cannot be written ({error.strerror}): "
                f"give a path in a folder of yours"
            ) from error


def has_room_for_findings(folder: Path) -> None:
    """Check that findings can be kept in `folder`; a `UsageError` if something else is there."""
    place = folder / "findings"
    if place.is_symlink() or (place.exists() and not place.is_dir()):
        raise UsageError(
            f"{str(place)!r} is no folder, and findings are kept there: move it, or write the "
            f"results elsewhere"
        )
