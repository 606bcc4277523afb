"""Tables of the benchmarks, shown at the end of the run, where those of pytest-benchmark are."""

import pytest

SHOWN = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """Return the lines to show, by heading; a test adds its own."""
    return request.config.stash.setdefault(SHOWN, {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the lines that tests have added."""
    for heading, lines in terminalreporter.config.stash.get(SHOWN, {}).items():
        terminalreporter.section(heading)
        for line in lines:
            terminalreporter.write_line(line)
