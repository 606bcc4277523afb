"""The files that ``--bn-report`` asks for."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bnparity.arguments import writable
from bnparity.mistakes import Mistake
from bnparity.results import Document, dump, write
from bnparity.writers import writer


def checked(texts: Sequence[str]) -> list[Path]:
    """Return the paths of the reports, each of which can be written.

    Raises
    ------
    pytest.UsageError
        If one of them cannot.
    """
    try:
        return [_checked(Path(text).absolute()) for text in texts]
    except Mistake as mistake:
        raise pytest.UsageError(str(mistake)) from mistake


def _checked(path: Path) -> Path:
    if path.suffix not in (".html", ".json"):
        raise Mistake(f"--bn-report {path.name}: give the path of an .html or .json file")
    writable(path)
    if path.suffix == ".html":
        writer("html")
    return path


def write_reports(paths: Sequence[Path], document: Document) -> None:
    """Write the results to each of `paths`, as its suffix says."""
    for path in paths:
        write(path, writer("html")(document) if path.suffix == ".html" else dump(document))
