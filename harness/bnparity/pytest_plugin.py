"""pytest options and fixtures for the parity suites: ``pytest -p bnparity.pytest_plugin``.

``--bn-backend NAME`` chooses what the suites judge, ``--bn-require NAME`` makes its absence a
failure of the whole run: a framework that is missing must never look like one that passed.
"""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from bnparity.arguments import names
from bnparity.backends.names import Name
from bnparity.backends.open import Opened, opened
from bnparity.mistakes import Mistake


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("bnparity")
    group.addoption(
        "--bn-backend", action="append", default=[], metavar="NAME", help="judge this backend"
    )
    group.addoption(
        "--bn-require",
        action="append",
        default=[],
        metavar="NAME",
        help="fail if this backend cannot be judged",
    )


def pytest_sessionstart(session: pytest.Session) -> None:
    """End the run before it begins if a required backend is not there."""
    if hasattr(session.config, "workerinput"):
        return  # under xdist the controller has looked already
    for text in session.config.getoption("--bn-require"):
        try:
            reason = _reason(text)
        except Mistake as mistake:
            reason = str(mistake)
        if reason:
            pytest.exit(f"{text} is required, but {reason}", returncode=1)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that takes `bn_name` every backend that was chosen."""
    if "bn_name" in metafunc.fixturenames:
        option = metafunc.config.getoption
        try:
            chosen = names(option("--bn-backend"), option("--bn-require"))
        except Mistake as mistake:
            raise pytest.UsageError(str(mistake)) from mistake
        ids = [name.text for name in chosen]
        metafunc.parametrize("bn_name", chosen, ids=ids, scope="session")


@pytest.fixture(scope="session")
def bn_opened() -> Iterator[dict[str, Opened]]:
    """Keep the backends of the session open; `bn_backend` fills it."""
    with ExitStack() as stack:
        yield _Opening(stack)


class _Opening(dict[str, Opened]):
    """Backends by name, each opened when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        super().__init__()
        self._stack = stack

    def __missing__(self, text: str) -> Opened:
        (name,) = names([text], [])
        backend = opened(name)
        self[text] = self._stack.enter_context(backend)
        return self[text]


@pytest.fixture
def bn_backend(
    bn_name: Name, bn_opened: dict[str, Opened], request: pytest.FixtureRequest
) -> Opened:
    """Return the backend under test, opened in its own process; skip where there is none."""
    backend = bn_opened[bn_name.text]
    if backend.ask is None:
        if bn_name.text in request.config.getoption("--bn-backend"):
            pytest.fail(f"{bn_name.text} was chosen, but {backend.reason}")
        pytest.skip(f"{bn_name.text} is unavailable: {backend.reason}")
    return backend


def _reason(text: str) -> str:
    (name,) = names([text], [])
    with opened(name) as backend:
        return backend.reason
