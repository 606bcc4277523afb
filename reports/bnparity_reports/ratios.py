"""The table of worst ratios for a terminal: every name whole, however few columns there are.

A name that has no room beside its ratios has a line of its own above them. Where the ratios
themselves have no room, each has a line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

#: What parts a column from the next, and indents a line below a name.
_GAP = "  "


@dataclass(frozen=True, kw_only=True)
class Row:
    """A backend by its name, and what is shown of each output that it was judged in."""

    name: Text
    ratios: Mapping[str, Text]


def ratio_lines(rows: Sequence[Row], outputs: Sequence[str], width: int) -> Iterator[Text]:
    """Yield the lines that show the ratios of `rows` in at most `width` columns."""
    widths = [_width(rows, output) for output in outputs]
    room = width - sum(len(_GAP) + column for column in widths)
    if room < 0:
        yield from _one_by_one(rows, outputs)
        return
    names = max((n for row in rows if (n := row.name.cell_len) <= room), default=0)
    yield from _headings(outputs, widths, names)
    for row in rows:
        beside = row.name if row.name.cell_len <= room else Text()
        if beside is not row.name:
            yield row.name
        line = beside + Text(" " * (names - beside.cell_len))
        for output, column in zip(outputs, widths, strict=True):
            ratio = row.ratios.get(output, Text("-", style="dim"))
            line += Text(f"{_GAP}{'':{column - ratio.cell_len}}") + ratio
        yield line


def _one_by_one(rows: Sequence[Row], outputs: Sequence[str]) -> Iterator[Text]:
    longest = max(map(len, outputs))
    for row in rows:
        yield row.name
        for output in outputs:
            if output in row.ratios:
                yield Text(f"{_GAP}{output:<{longest}}{_GAP}") + row.ratios[output]


def _headings(outputs: Sequence[str], widths: Sequence[int], names: int) -> Iterator[Text]:
    """Yield the names of outputs, their parts below each other, ending in the same line."""
    parts = [output.split("_") for output in outputs]
    most = max(map(len, parts))
    for place in range(most):
        words = [
            part[place - most + len(part)] if place >= most - len(part) else "" for part in parts
        ]
        cells = (f"{_GAP}{word:>{width}}" for word, width in zip(words, widths, strict=True))
        yield Text(f"{'':{names}}{''.join(cells)}", style="bold")


def _width(rows: Sequence[Row], output: str) -> int:
    shown = (row.ratios[output].cell_len for row in rows if output in row.ratios)
    return max(*shown, *map(len, output.split("_")))
