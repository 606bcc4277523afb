"""Mistakes as text: a line each as editors read it, the source with carets, and the remedy."""

from collections.abc import Iterator, Sequence

from bnparity.porting.lint.rule import Mistake


def as_text(mistakes: Sequence[Mistake]) -> str:
    """Return mistakes as text to read.

    Examples
    --------
    >>> found = Mistake(path="m.py", code="BN101", sentence="", document="", message="odd",
    ...     remedy="write x", quoted="y(1)", column=3, end_column=4)
    >>> print(as_text([found]), end="")
    m.py:1:3: BN101 odd
      |
    1 | y(1)
      |   ^ write x
    """
    return "".join(f"{line}\n" for mistake in mistakes for line in _lines(mistake))


def _lines(mistake: Mistake) -> Iterator[str]:
    mark = " [*]" if mistake.edit is not None else ""
    place = f"{mistake.path}:{mistake.line}:{mistake.column}"
    yield f"{place}: {mistake.code}{mark} {mistake.message}"
    if mistake.quoted:
        number = str(mistake.line)
        margin = " " * len(number)
        yield f"{margin} |"
        yield f"{number} | {_shown(mistake.quoted)}"
        blanks, carets = " " * (mistake.column - 1), "^" * _length(mistake)
        yield f"{margin} | {blanks}{carets} {mistake.remedy}".rstrip()


def _shown(line: str) -> str:
    """Return a line of source as a terminal can show it, each character as wide as one."""
    return "".join(c if c.isprintable() else " " for c in line)


def _length(mistake: Mistake) -> int:
    """Return how many carets there are: to the end of the line if it goes on below."""
    below = mistake.end_line > mistake.line
    end = len(mistake.quoted) + 1 if below else mistake.end_column
    return max(1, end - mistake.column)
