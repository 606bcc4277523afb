"""Which backends a test run judges, and which of the suites' tests that leaves out."""

from collections.abc import Sequence

import pytest

from bnparity.backends import Name, UsageError
from bnparity.frontends.commands import names

#: Stands for every backend there is.
ALL = "all"

#: The mark of tests that are about certain frameworks, whatever is judged.
ABOUT = "bn_about"


def chosen(config: pytest.Config) -> list[Name]:
    """Return the backends to judge: of the command line, or else of the configuration file.

    Raises
    ------
    pytest.UsageError
        If one of them is no name of a backend.
    """
    texts = config.getoption("--bn-backend") or config.getini("bn_backend")
    required = config.getoption("--bn-require")
    try:
        if ALL in texts:
            return names((), [*(text for text in texts if text != ALL), *required])
        return names(texts, required) if texts else []
    except UsageError as error:
        raise pytest.UsageError(str(error)) from error


def named(config: pytest.Config) -> list[str]:
    """Return the backends that the command line names: not to judge one of them is a failure."""
    options = (*config.getoption("--bn-backend"), *config.getoption("--bn-require"))
    return [text for text in dict.fromkeys(options) if text != ALL]


def leave_out(config: pytest.Config, items: list[pytest.Item]) -> int:
    """Take out the tests about frameworks that the command line does not name; return how many.

    Who names a backend asks about that one, and may not have the frameworks.
    """
    if not config.getoption("--bn-backend") or ALL in config.getoption("--bn-backend"):
        return 0
    bases = {name.base for name in chosen(config)}
    others = [item for item in items if _is_about_others(item, bases)]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]
    return len(others)


def backend_of(item: pytest.Item) -> str | None:
    """Return the name of the backend that a test judges."""
    callspec = getattr(item, "callspec", None)
    name = callspec.params.get("bn_name") if callspec is not None else None
    return None if name is None else str(name.text)


def _is_about_others(item: pytest.Item, bases: set[str]) -> bool:
    marks: Sequence[pytest.Mark] = list(item.iter_markers(ABOUT))
    return any(not bases.intersection(mark.args) for mark in marks)
