"""The files that ``--bn-report`` asks for."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bnparity.backends import UsageError
from bnparity.frontends.commands import writable
from bnparity.results import Document, dump, write, writer


def checked(texts: Sequence[str]) -> list[Path]:
    """Return the paths of the reports, each of which can be written.

    Raises
    ------
    pytest.UsageError
        If one of them cannot.
    """
    try:
        return [_checked(Path(text).absolute()) for text in texts]
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def _checked(path: Path) -> Path:
    if path.suffix not in (".html", ".json"):
        raise UsageError(f"--bn-report {path.name}: give the path of an .html or .json file")
    writable(path)
    if path.suffix == ".html":
        writer("html")
    return path


def write_test_reports(paths: Sequence[Path], document: Document) -> None:
    """Write the results to each of `paths`, as its suffix says."""
    for path in paths:
        write(path, writer("html")(document) if path.suffix == ".html" else dump(document))
