"""`bnparity lint`: mistakes of porting that show in source, told, and mended where certain."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from typer import Argument, Option

from bnparity.backends import UsageError, did_you_mean
from bnparity.cases import FRAMEWORKS
from bnparity.frontends.commands.ended import ACCEPTABLE, FINDINGS, NOTHING_CHECKED
from bnparity.porting import (
    LINT_FORMATS,
    Linting,
    Mistake,
    lint_file,
    lint_rules,
    mend_file,
    python_files,
)
from bnparity.results import replace

Known = TypeVar("Known")


def lint(
    paths: Annotated[list[Path], Argument(help="Files of Python, or folders with them.")],
    *,
    fix: Annotated[bool, Option("--fix", help="Mend what is certain, marked with [*].")] = False,
    output_format: Annotated[str, Option(help="text, json, github or sarif.")] = "text",
    select: Annotated[
        list[str] | None, Option(help="Codes, or how they begin: BN101,BN11. May be repeated.")
    ] = None,
    ignore: Annotated[list[str] | None, Option(help="Codes to leave out, as --select.")] = None,
    ported_from: Annotated[
        str | None, Option(metavar="FRAMEWORK", help="Whose defaults the layers should keep.")
    ] = None,
) -> int:
    """Find BatchNorm calls in Python that mean something else than in the framework before."""
    written = _named(output_format, LINT_FORMATS, "--output-format")
    if ported_from is not None:
        _named(ported_from, FRAMEWORKS, "--ported-from")
    linting = Linting(rules=lint_rules(select or (), ignore or ()), ported_from=ported_from)
    files = list(python_files(_there(paths)))
    if not files:
        print("bnparity: there is no Python in what is named: nothing was checked", file=sys.stderr)
        return NOTHING_CHECKED
    mended = _mend(files, linting) if fix else 0
    mistakes = [mistake for file in files for mistake in lint_file(file, linting)]
    print(written(mistakes), end="")
    if output_format == "text":
        print(_summary(mistakes, len(files), mended))
    return FINDINGS if mistakes else ACCEPTABLE


def _named(name: str, known: Mapping[str, Known], option: str) -> Known:
    """Return what goes by a name; a `UsageError` if nothing does."""
    if name not in known:
        raise UsageError(
            f"{option} {name}: choose from {', '.join(known)}{did_you_mean(name, known)}"
        )
    return known[name]


def _there(paths: Sequence[Path]) -> Sequence[Path]:
    """Return the paths, all of which are there."""
    for path in paths:
        if not path.exists():
            near = [str(path.with_name(p.name)) for p in path.absolute().parent.glob("*")]
            hint = did_you_mean(str(path), near)
            raise UsageError(f"there is no {str(path)!r}: give a file or a folder{hint}")
        if not path.is_file() and not path.is_dir():
            raise UsageError(f"{str(path)!r} is no regular file: give a file or a folder")
    return paths


def _mend(files: Sequence[Path], linting: Linting) -> int:
    """Mend files, and return how many mistakes were mended; their permissions stay.

    Nothing is written before all are read: who interrupts that has lost nothing.
    """
    mended = {file: found for file in files if (found := mend_file(file, linting)) is not None}
    for file, found in mended.items():
        target, mode = file.resolve(), file.stat().st_mode
        replace(target, found.data)
        target.chmod(mode)
    return sum(found.count for found in mended.values())


def _summary(mistakes: Sequence[Mistake], files: int, mended: int) -> str:
    """Return how many mistakes there are, and what can be done about them."""
    certain = sum(mistake.edit is not None for mistake in mistakes)
    codes = sorted({mistake.code for mistake in mistakes})
    told = f"{_counted(len(mistakes), 'mistake')} in {_counted(files, 'file')}"
    told += f", {mended} mended" if mended else ""
    told += f"; --fix mends {certain}, marked [*]" if certain else ""
    return f"{told}\nnext: bnparity explain {' '.join(codes[:5])}" if codes else told


def _counted(count: int, noun: str) -> str:
    return f"{count or 'no'} {noun}{'' if count == 1 else 's'}"
