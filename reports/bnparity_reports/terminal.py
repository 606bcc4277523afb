"""How wide a text may be: as the terminal that shows it, or as prose where none does."""

import re
import shutil
import sys
from collections.abc import Iterator
from typing import TypeAlias

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

#: Columns of a text that no terminal shows.
PIPED = 100
#: The fewest and the most columns that a text is filled to, whatever the terminal has.
_NARROWEST, _WIDEST = 20, 132

#: Columns that are asked for; None for those of the terminal.
Width: TypeAlias = int | None


def columns(width: Width = None) -> int:
    """Return how many columns a text may fill."""
    there = shutil.get_terminal_size().columns if sys.stdout.isatty() else PIPED
    return min(max(width or there, _NARROWEST), _WIDEST)


def paragraph(console: Console, text: Text, *, first: int, later: int) -> None:
    """Print a text whose first line and `later` ones are indented so far.

    A word that is longer than a line stays whole, to be read and to be copied.
    """
    for place, line in enumerate(text.divide(_breaks(text.plain, console.width - later))):
        line.rstrip()
        console.print(Text(" " * (later if place else first)) + line, soft_wrap=True)


def _breaks(text: str, width: int) -> Iterator[int]:
    """Yield where lines begin that have at most `width` columns, if words are no longer."""
    used = 0
    for word in re.finditer(r"\S+\s*", text):
        if used and used + cell_len(word[0].rstrip()) > width:
            yield word.start()
            used = 0
        used += cell_len(word[0])
