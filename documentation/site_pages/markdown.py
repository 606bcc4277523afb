"""What all pages are written with: headings, tables, and text that is no markup."""

import re
from collections.abc import Iterable, Sequence


def page(title: str, first: str, parts: Iterable[str]) -> str:
    """Return a page: its title, what it is, and its parts."""
    return "\n\n".join([f"# {title}", first, *parts]) + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table, a line for each row.

    Examples
    --------
    >>> print(table(["word"], [["a | b"]]))
    | word |
    |---|
    | a \| b |
    """
    lines = [_row(headings), "|" + "---|" * len(headings), *map(_row, rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    flat = (" ".join(cell.split()).replace("|", "\\|") for cell in cells)
    return f"| {' | '.join(flat)} |"


def plain(text: str) -> str:
    r"""Return prose of the code as text: what looks like markup is shown as it is written.

    Examples
    --------
    >>> plain("m * old_value[0] of `run`")
    'm \\* old\\_value\\[0\\] of `run`'
    """
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(
        p if p.startswith("`") else re.sub(r"([\\*_\[\]<>$])", r"\\\1", p) for p in parts
    )
