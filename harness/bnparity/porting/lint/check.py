"""Files read and checked: what the rules find in them, and what could not be read."""

import ast
import io
import re
import sys
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bnparity.porting.lint.catalogue import UNREAD
from bnparity.porting.lint.lines import Lines
from bnparity.porting.lint.mend import mended
from bnparity.porting.lint.rule import Hit, Mistake, Rule
from bnparity.porting.lint.source import Source

#: A tree takes a hundred times the memory of its text.
_MOST_BYTES = 4 << 20
#: How often a file is read again after it was mended.
_MOST_ROUNDS = 4
_PYTHON = f"Python {sys.version_info.major}.{sys.version_info.minor}"
_NOQA = re.compile(
    r"#\s*noqa(?::\s*(?P<codes>[A-Z]+\d+(?:[\s,]+[A-Z]+\d+)*))?(?!\w|:)", re.IGNORECASE
)


class Unread(Exception):
    """A file is not read as Python; the message says why, in one line."""


@dataclass(frozen=True, kw_only=True)
class Linting:
    """What files are checked for; ``ported_from`` is the framework of the original, if given."""

    rules: tuple[Rule, ...]
    ported_from: str | None = None


@dataclass(frozen=True, kw_only=True)
class Mended:
    """The bytes of a file after its certain mistakes were mended, and how many these were."""

    data: bytes
    count: int


def lint_file(path: Path, linting: Linting) -> tuple[Mistake, ...]:
    """Return what is wrong in a file; that it could not be read is a mistake, too."""
    try:
        text, _ = _read(path)
        return tuple(_mistakes(str(path), text, linting))
    except Unread as unread:
        wanted = any(rule is UNREAD for rule in linting.rules)
        return (_unread(path, unread),) if wanted else ()


def mend_file(path: Path, linting: Linting) -> Mended | None:
    """Return what a file is once all certain mistakes are mended; None if there are none."""
    try:
        text, encoding = _read(path)
        before, total = text, 0
        for _ in range(_MOST_ROUNDS):
            edits = [f.edit for f in _mistakes(str(path), text, linting) if f.edit is not None]
            text, count = mended(text, edits)
            total += count
            if not count:
                break
        return Mended(data=text.encode(encoding), count=total) if text != before else None
    except Unread:
        return None


def _read(path: Path) -> tuple[str, str]:
    """Return the text of a file, line ends as they are, and its encoding."""
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise Unread(f"{error.strerror or error}") from error
    if len(data) > _MOST_BYTES:
        raise Unread(f"it is larger than {_MOST_BYTES >> 20} MiB")
    if b"\0" in data:
        raise Unread("it is binary")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding), encoding
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Unread(f"its encoding is not what it says: {_one_line(error)}") from error


def _parsed(text: str) -> ast.Module:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what its author is warned of is no matter of ours
            return ast.parse(text)
    except SyntaxError as error:
        raise Unread(f"{_PYTHON} has at line {error.lineno or 1}: {error.msg}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unread(_one_line(error) or "it is nested too deeply") from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _unread(path: Path, unread: Unread) -> Mistake:
    return Mistake(
        path=str(path),
        code=UNREAD.code,
        sentence=UNREAD.sentence,
        document=UNREAD.document,
        message=f"not read: {unread}",
    )


def _mistakes(path: str, text: str, linting: Linting) -> Iterator[Mistake]:
    """Yield what is wrong in a text, in order, but for what a comment allows."""
    source = Source(text=text, tree=_parsed(text), ported_from=linting.ported_from)
    lines = Lines(text=text)
    found = [
        _mistake(path, rule, hit, lines) for rule in linting.rules for hit in rule.check(source)
    ]
    for mistake in sorted(dict.fromkeys(found), key=lambda f: (f.line, f.column, f.code)):
        if not _allowed(mistake, lines):
            yield mistake


def _mistake(path: str, rule: Rule, hit: Hit, lines: Lines) -> Mistake:
    line, column = getattr(hit.node, "lineno", 1), getattr(hit.node, "col_offset", 0)
    end_line = getattr(hit.node, "end_lineno", line)
    end = (end_line, getattr(hit.node, "end_col_offset", column))
    return Mistake(
        path=path,
        code=rule.code,
        sentence=rule.sentence,
        document=rule.document,
        message=hit.message,
        remedy=hit.remedy,
        line=line,
        column=lines.column((line, column)),
        end_line=end_line,
        end_column=lines.column(end),
        quoted=lines.line(line),
        edit=hit.edit,
    )


def _allowed(mistake: Mistake, lines: Lines) -> bool:
    """Return whether a comment ``# noqa`` on one of its lines allows a mistake."""
    for number in range(mistake.line, mistake.end_line + 1):
        for match in _NOQA.finditer(lines.line(number)):
            codes = match["codes"]
            if codes is None or mistake.code in re.split(r"[\s,]+", codes.upper()):
                return True
    return False


def python_files(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files that are named, and those of Python in folders that are, each once."""
    seen: set[Path] = set()
    for path in paths:
        for file in _below(path) if path.is_dir() else [path]:
            if file not in seen:
                seen.add(file)
                yield file


def _below(folder: Path) -> Iterator[Path]:
    """Yield the Python in a folder, but for hidden folders and environments."""
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir() and not entry.is_symlink():
            if not (entry / "pyvenv.cfg").exists():
                yield from _below(entry)
        elif entry.suffix == ".py" and entry.is_file():
            yield entry
