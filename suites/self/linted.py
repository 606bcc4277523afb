"""Source given to the linter as a file, and what it finds there."""

from pathlib import Path

from bnparity.porting import Linting, Mistake, lint_file, lint_rules


def linting(*, select: str = "", ported_from: str | None = None) -> Linting:
    """Return what is asked: every rule, or some."""
    return Linting(rules=lint_rules([select], []), ported_from=ported_from)


def found(source: str, folder: Path, asked: Linting | None = None) -> tuple[Mistake, ...]:
    """Return the mistakes in a source, written to a file of this folder."""
    file = folder / "model.py"
    file.write_text(source)
    return lint_file(file, asked or linting())


def codes(source: str, folder: Path, asked: Linting | None = None) -> list[str]:
    """Return the codes of the mistakes, in order."""
    return [mistake.code for mistake in found(source, folder, asked)]
