"""What a test run is asked: which backends, which of the suites' tests, which cases and reports."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bnparity.backends import Name, UsageError
from bnparity.frontends.commands.parsing import names, writable
from bnparity.results import writer
from bnparity.sessions import cases_found, stored

#: Stands for every backend there is.
ALL = "all"

#: The mark of tests that are about certain frameworks, whatever is judged.
ABOUT = "bn_about"


@contextmanager
def told_by_pytest() -> Iterator[None]:
    """Have pytest tell a `UsageError` as one of its own."""
    try:
        yield
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


@told_by_pytest()
def chosen(config: pytest.Config) -> list[Name]:
    """Return the backends to judge: of the command line, or else of the configuration file."""
    texts = config.getoption("--bn-backend") or config.getini("bn_backend")
    required = (*(text for text in texts if text != ALL), *config.getoption("--bn-require"))
    return names(() if ALL in texts else texts, required) if texts else []


def named(config: pytest.Config) -> list[str]:
    """Return the backends that the command line names: not to judge one of them is a failure."""
    options = (*config.getoption("--bn-backend"), *config.getoption("--bn-require"))
    return [text for text in dict.fromkeys(options) if text != ALL]


def is_about_others(config: pytest.Config, item: pytest.Item) -> bool:
    """Return whether a test is about frameworks that the command line does not name.

    Who names a backend asks about that one, and may not have the frameworks.
    """
    if not config.getoption("--bn-backend") or ALL in config.getoption("--bn-backend"):
        return False
    bases = {name.base for name in chosen(config)}
    return any(bases.isdisjoint(mark.args) for mark in item.iter_markers(ABOUT))


def backend_of(item: pytest.Item) -> str | None:
    """Return the name of the backend that a test judges."""
    callspec = getattr(item, "callspec", None)
    name = callspec.params.get("bn_name") if callspec is not None else None
    return None if name is None else str(name.text)


@told_by_pytest()
def found_in(state: Path | None) -> list[Any]:
    """Return a parameter for each case in `state`, with its dialect; one that skips if none is."""
    if state is None:
        return [pytest.param(None, marks=pytest.mark.skip("no --bn-state to replay"), id="none")]
    with stored(state) as store:
        found = [
            pytest.param((dialect, case), id=f"{backend}-{symptom}")
            for backend, dialect, symptom, case in cases_found(store)
        ]
    nothing = pytest.mark.skip(f"nothing was found in {state}")
    return found or [pytest.param(None, marks=nothing, id="nothing")]


@told_by_pytest()
def reports(config: pytest.Config) -> list[Path]:
    """Return the paths of the reports, each of which can be written."""
    paths = [Path(text).absolute() for text in config.getoption("--bn-report")]
    for path in paths:
        if path.suffix not in (".html", ".json"):
            raise UsageError(f"--bn-report {path.name}: give the path of an .html or .json file")
        writable(path)
        if path.suffix == ".html":
            writer("html")
    return paths
