"""pytest options and fixtures for the parity suites: ``pytest -p bnparity.pytest_plugin``.

``--bn-backend NAME`` chooses what the suites judge, ``--bn-require NAME`` makes its absence a
failure of the whole run: a framework that is missing must never look like one that passed.
``--bn-state DIR`` has what `bnparity fuzz` found put to the chosen backends, case by case. The
state's backends are not loaded for it: whose code runs, the command says.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from bnparity.arguments import names
from bnparity.backends.names import Name
from bnparity.backends.open import Opened, opened
from bnparity.campaign.store import stored
from bnparity.campaign.summary import cases_found
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
    group.addoption(
        "--bn-state", type=Path, metavar="DIR", help="replay what bnparity fuzz found in this state"
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
    if "bn_found" in metafunc.fixturenames:
        metafunc.parametrize("bn_found", _found(metafunc.config.getoption("--bn-state")))


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


def _found(state: Path | None) -> list[Any]:
    """Return a parameter for each case that a campaign has found, with its dialect; or a skip."""
    if state is None:
        return [pytest.param(None, marks=pytest.mark.skip("no --bn-state to replay"), id="none")]
    try:
        with stored(state) as store:
            found = [
                pytest.param((dialect, case), id=f"{backend}-{suspicion}")
                for backend, dialect, suspicion, case in cases_found(store)
            ]
    except Mistake as mistake:
        raise pytest.UsageError(str(mistake)) from mistake
    nothing = pytest.mark.skip(f"nothing was found in {state}")
    return found or [pytest.param(None, marks=nothing, id="nothing")]


def _reason(text: str) -> str:
    (name,) = names([text], [])
    with opened(name) as backend:
        return backend.reason
