"""Text with the edits of mistakes applied to it."""

from collections.abc import Iterable

from bnparity.porting.lint.lines import Lines
from bnparity.porting.lint.rule import Edit


def mended(text: str, edits: Iterable[Edit]) -> tuple[str, int]:
    """Return the text with the edits that do not touch each other, and how many these are.

    What is left out can be applied once the text has been read again.
    """
    lines = Lines(text=text)
    spans = sorted({(lines.offset(e.start), lines.offset(e.end), e.text) for e in edits})
    parts, at, count = [], 0, 0
    for start, end, new in spans:
        if start < at or (count and start == at):
            continue
        parts += [text[at:start], new]
        at, count = end, count + 1
    return "".join([*parts, text[at:]]), count
