"""Tables of the benchmarks, shown at the end of the run, where those of pytest-benchmark are."""

import pytest

SHOWN = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest) -> list[str]:
    """Return the lines to show; a test adds its own."""
    return request.config.stash.setdefault(SHOWN, [])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the lines that tests have added."""
    lines = terminalreporter.config.stash.get(SHOWN, [])
    if lines:
        terminalreporter.section("policies on the same results")
    for line in lines:
        terminalreporter.write_line(line)
