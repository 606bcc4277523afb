"""The lines of a file as ``ast`` counts them, and places in bytes as columns of characters."""

import re
from dataclasses import dataclass
from functools import cached_property

from bnparity.porting.lint.source import Place

#: Python ends lines at these alone, and str.splitlines at more.
_END = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")


@dataclass(frozen=True, kw_only=True)
class Lines:
    """A text, line by line."""

    text: str

    @cached_property
    def all(self) -> list[str]:
        """The lines, with their ends."""
        return _END.split(self.text)

    def line(self, number: int) -> str:
        """Return a line, counted from 1, without its end."""
        return self.all[number - 1].rstrip("\r\n") if number <= len(self.all) else ""

    def column(self, place: Place) -> int:
        """Return the column of a place, in characters from 1."""
        number, offset = place
        return len(self.line(number).encode()[:offset].decode(errors="replace")) + 1

    def offset(self, place: Place) -> int:
        """Return where in the text a place is, in characters."""
        return sum(map(len, self.all[: place[0] - 1])) + self.column(place) - 1
