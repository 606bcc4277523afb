"""pytest options and fixtures of the hunts, and the tables that these leave at the end of a run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from hunting import tables
from hunting.share import FIXED, SOAK, Share


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that makes the hunts long."""
    parser.getgroup("bnparity").addoption(
        "--soak", action="store_true", help="hunt for an hour, not for minutes"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of the tests that are worth their time in a soak alone."""
    config.addinivalue_line("markers", "soak: run with --soak only")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tests for a soak out of every other run."""
    if config.getoption("--soak"):
        return
    left_out = [item for item in items if item.get_closest_marker("soak")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test that takes `hunting_seed` once for each seed."""
    if "hunting_seed" in metafunc.fixturenames:
        metafunc.parametrize("hunting_seed", _share(metafunc.config).seeds)


@pytest.fixture(scope="session")
def share(request: pytest.FixtureRequest) -> Share:
    """Return how long the hunts are."""
    return _share(request.config)


@pytest.fixture
def keep(record_property: Callable[[str, object], None]) -> Callable[[str, dict[str, Any]], None]:
    """Return what keeps a row of the table that is named for the end of the run.

    It travels with the report of the test, which is how it gets here from another process.
    """
    return record_property


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the tables."""
    for name, title, lines in (
        ("hunt", "planted faults, and how many cases each took", tables.faults),
        ("right", "right kernels", tables.right),
    ):
        rows = list(_kept(terminalreporter, name))
        if rows:
            terminalreporter.section(title)
            terminalreporter.write_line("\n".join(lines(rows)))


def _share(config: pytest.Config) -> Share:
    return SOAK if config.getoption("--soak") else FIXED


def _kept(terminalreporter: pytest.TerminalReporter, name: str) -> Iterator[Any]:
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                yield from (row for key, row in report.user_properties if key == name)
