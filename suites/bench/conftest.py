"""What benchmarks share: tables at the end of the run, and one thread for PyTorch."""

from collections.abc import Iterator

import pytest
import torch

SHOWN = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest) -> dict[str, list[str]]:
    """Return the lines to show, by heading; a test adds its own."""
    return request.config.stash.setdefault(SHOWN, {})


@pytest.fixture
def one_thread() -> Iterator[None]:
    """Hold torch to one thread: with more, what it takes says little."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Write the lines that tests have added."""
    for heading, lines in terminalreporter.config.stash.get(SHOWN, {}).items():
        terminalreporter.section(heading)
        for line in lines:
            terminalreporter.write_line(line)
