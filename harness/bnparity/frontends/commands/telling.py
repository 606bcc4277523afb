"""How much of its results a command prints, and what it says can be done next."""

import shlex
import shutil
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from bnparity.backends import UsageError
from bnparity.frontends.commands.parsing import STDOUT
from bnparity.results import Document, writer

#: How much is printed: nothing, a line for each backend, what one reads, all there is.
NOTHING, BRIEF, USUAL, FULL = -2, -1, 0, 1

#: The most columns of prose.
_WIDEST = 100
#: The most characters of the words that the last lines offer to explain.
_MOST_OF_WORDS = 48


def detail_of(quiet: int, json: Path | None, *, verbose: bool) -> int:
    """Return how much is printed; a `UsageError` if it would be less and more."""
    if quiet and verbose:
        raise UsageError("-q and -v ask for less and for more: give one of them")
    if json == STDOUT or quiet > 1:
        return NOTHING
    return BRIEF if quiet else FULL if verbose else USUAL


def say(text: str, stream: TextIO | None = None) -> None:
    """Print at once."""
    print(text, end="", file=stream or sys.stdout, flush=True)


def tell(document: Document, detail: int) -> None:
    """Print results, as much of them as `detail` says."""
    if detail >= BRIEF:
        say(writer("text")(document, detail=detail))


def advise(document: Document, detail: int, reports: Mapping[str, Path | None]) -> None:
    """Print what can be done next, unless little is to be printed; `reports` have been written."""
    if detail < USUAL:
        return
    hints = [] if detail == FULL else ["-v tells more"]
    hints += [] if reports.get("html") else ["--html FILE writes a page to look at"]
    indent = " " * 6
    hinted = filled(indent + "; ".join(hints), indent=indent).removeprefix(indent)
    lines = [line for line in (_explaining(document), hinted) if line]
    told = [f"{'' if place else 'next:':<6}{line}" for place, line in enumerate(lines)]
    say("\n".join(["", *told, ""]))


def columns_of(piped: int = sys.maxsize) -> int:
    """Return how many columns the terminal has for prose, or `piped` where none shows it."""
    if not sys.stdout.isatty():
        return piped
    return min(shutil.get_terminal_size().columns, _WIDEST)


def filled(text: str, *, indent: str, piped: int = sys.maxsize) -> str:
    """Return a line broken to fit the terminal, later lines with an `indent`.

    Where no terminal shows it, it has up to `piped` columns.
    """
    return textwrap.fill(
        text,
        columns_of(piped),
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _explaining(document: Document) -> str:
    """Return the command that explains the words of these results; nothing if none is strange."""
    backends = document["backends"]
    findings = [finding for backend in backends for finding in backend["findings"]]
    codes = [code for finding in findings for code in finding["codes"]]
    faults = [f["kind"] for f in findings if f["kind"] not in ("semantics", "accuracy")]
    statuses = [b["status"] for b in backends if b["status"] in ("loose", "untrusted")]
    words = ""
    for word in dict.fromkeys((*codes, *faults, *statuses)):
        if words and len(words) + len(word) >= _MOST_OF_WORDS:
            break
        words += f" {shlex.quote(word)}"
    return words and f"bnparity explain{words}"
