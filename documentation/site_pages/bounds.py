"""The page of bounds: BOUNDS.md with its formulas as mathematics."""

import re

from site_pages.formulas import tex

#: Lines that are indented by four, and stand alone: formulas, laid out as text.
_FORMULAS = re.compile(r"(?<=\n\n)((?: {4,}\S.*\n)+)")


def bounds_page(text: str) -> str:
    """Return the page, each line of formulas in a display of its own."""
    return _FORMULAS.sub(lambda found: _displayed(found[1]), text)


def _displayed(block: str) -> str:
    """Return the lines of a block, those that only go on with the line before beside it."""
    lines = [f"```{{math}}\n{tex(line)}\n```" for line in block.splitlines()]
    return "\n\n".join(lines) + "\n"
