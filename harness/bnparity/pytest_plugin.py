"""pytest options and fixtures for the parity suites: ``pytest -p bnparity.pytest_plugin``.

``--bn-backend NAME`` chooses what the suites judge, ``--bn-require NAME`` makes its absence a
failure of the whole run: a framework that is missing must never look like one that passed. Nor
does a run that judged nothing: whatever it was asked to judge has to be, or it is not green.
``--bn-state DIR`` has what `bnparity fuzz` found put to the chosen backends, case by case. The
state's backends are not loaded for it: whose code runs, the command says.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bnparity.backends import Name, Opened, opened, parse
from bnparity.frontends import testing
from bnparity.results import Judgement, dump, found_from_here, write, writer
from bnparity.sessions import OpenBackends, Plan, loadable, unjudged

#: Cases of each test, unless the user says otherwise.
EXAMPLES = 60

RUN = pytest.StashKey[testing.Run]()
OUTCOME = pytest.StashKey[testing.Outcome]()

#: What the workers of pytest-xdist are told by the process that started them.
_FOLDERS = "bnparity_folders"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("bnparity")
    several = partial(group.addoption, action="append", default=[])
    several("--bn-backend", metavar="NAME", help=f"judge this backend; {testing.ALL}: every one")
    several("--bn-require", metavar="NAME", help="fail if this backend cannot be judged")
    group.addoption(
        "--bn-state", type=Path, metavar="DIR", help="replay what bnparity fuzz found in this state"
    )
    group.addoption(
        "--bn-examples", type=int, default=EXAMPLES, metavar="N", help="cases of each test"
    )
    several(
        "--bn-fail-on",
        choices=["loose"],
        metavar="VERDICT",
        help="fail at this verdict too: loose, less accurate than careful code",
    )
    several("--bn-report", metavar="FILE", help="write what was judged to an .html or .json")
    parser.addini("bn_backend", "backends to judge where --bn-backend names none", type="args")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark, and look at the options before anything is collected."""
    config.addinivalue_line(
        "markers", f"{testing.ABOUT}(*names): about these frameworks, whatever --bn-backend names"
    )
    if (examples := config.getoption("--bn-examples")) < 1:
        raise pytest.UsageError(f"--bn-examples {examples}: give a number above 0")
    testing.reports(config)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Begin the records; end the run before it begins if a backend is not one, or required."""
    config = session.config
    worker = getattr(config, "workerinput", None)
    if worker is not None:  # under pytest-xdist: the controller has looked at the backends
        folder, findings = map(Path, worker[_FOLDERS])
    else:
        _look_at_backends(config)
        folder = Path(tempfile.mkdtemp(prefix="bnparity-"))
        config.add_cleanup(lambda: shutil.rmtree(folder))
        findings = _findings(config)
    records = testing.Records(folder=folder, process=worker["workerid"] if worker else "main")
    config.stash[RUN] = testing.Run(records=records, findings=findings)
    config.pluginmanager.register(config.stash[RUN])


@testing.told_by_pytest()
def _look_at_backends(config: pytest.Config) -> None:
    loadable(testing.chosen(config))
    for text in config.getoption("--bn-require"):
        with opened(parse(text)) as backend:
            if backend.reason:
                pytest.exit(f"{text} is required, but {backend.reason}", returncode=1)


def _findings(config: pytest.Config) -> Path:
    """Return where findings are saved: beside the first report, or else where pytest caches."""
    if paths := testing.reports(config):
        return paths[0].parent
    cache: pytest.Cache | None = getattr(config, "cache", None)  # it can be switched off
    if cache is not None:
        return Path(cache.mkdir("bnparity"))
    folder = Path(tempfile.mkdtemp(prefix="bnparity-findings-"))
    config.add_cleanup(lambda: None if any(folder.iterdir()) else folder.rmdir())
    return folder


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where to write."""
    run = node.config.stash[RUN]
    node.workerinput[_FOLDERS] = [str(run.records.folder), str(run.findings)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give each test that takes `bn_name` every backend that was chosen."""
    if "bn_name" in metafunc.fixturenames:
        backends = testing.chosen(metafunc.config)
        if not backends:
            pytest.fail(
                "no backend was chosen: give --bn-backend my_kernel.py:batch_norm, or "
                f"--bn-backend {testing.ALL} for every one that is installed",
                pytrace=False,
            )
        ids = [name.text for name in backends]
        metafunc.parametrize("bn_name", backends, ids=ids, scope="session")
    if "bn_found" in metafunc.fixturenames:
        metafunc.parametrize("bn_found", testing.found_in(metafunc.config.getoption("--bn-state")))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not about the backends that were named, and say of the rest what is."""
    config.stash[RUN].left_out = testing.leave_out(config, items)
    for item in items:
        if backend := testing.backend_of(item):
            item.user_properties.append((testing.BACKEND, backend))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note what is to be run."""
    planned = {item.nodeid: testing.backend_of(item) for item in session.items}
    run = session.config.stash[RUN]
    run.records.plan({test: name for test, name in planned.items() if name}, run.left_out)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Put the records together and write the reports; no green where nothing was judged."""
    config = session.config
    run = config.stash.get(RUN, None)
    if run is None or hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    outcome = config.stash[OUTCOME] = run.outcome(testing.named(config))
    for path in testing.reports(config):
        render = writer("html") if path.suffix == ".html" else dump
        write(path, render(outcome.results))
    if outcome.problems and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was judged, what was left out, and what is wrong with the run as a whole."""
    outcome = config.stash.get(OUTCOME, None)
    if outcome is None or not (outcome.kept.planned or outcome.problems):
        return
    terminalreporter.section("bnparity")
    if outcome.kept.judged:
        results = found_from_here(outcome.results, config.stash[RUN].findings)
        terminalreporter.write(writer("text")(results))
    if outcome.kept.left_out:
        terminalreporter.write_line(
            f"left out: {outcome.kept.left_out} tests about frameworks that were not named"
        )
    for problem in outcome.problems:
        terminalreporter.write_line(f"ERROR: {problem}", red=True)
    for path in testing.reports(config):
        terminalreporter.write_line(f"report: {path}")


@pytest.fixture(scope="session")
def bn_opened() -> Iterator[dict[str, Opened]]:
    """Keep the backends of the session open; `bn_backend` fills it."""
    backends = OpenBackends(Plan())
    yield backends
    backends.close(*backends)


@pytest.fixture
def bn_backend(
    bn_name: Name, bn_opened: dict[str, Opened], request: pytest.FixtureRequest
) -> Opened:
    """Return the backend under test, opened in its own process; skip where there is none."""
    backend = bn_opened[bn_name.text]
    if backend.ask is None:
        judgement = unjudged(bn_name, backend.reason)
        request.config.stash[RUN].keep(request.node.nodeid, judgement)
        if bn_name.text in testing.named(request.config):
            pytest.fail(f"{bn_name.text} was chosen, but {backend.reason}", pytrace=False)
        pytest.skip(f"{bn_name.text} is unavailable: {backend.reason}")
    return backend


@pytest.fixture(scope="session")
def bn_examples(request: pytest.FixtureRequest) -> int:
    """Return how many cases a test is to draw."""
    return int(request.config.getoption("--bn-examples"))


@pytest.fixture
def bn_accept(request: pytest.FixtureRequest) -> Callable[[Judgement], None]:
    """Return what keeps a judgement for the report, and fails the test if it is not acceptable."""

    def accept(judgement: Judgement) -> None:
        run = request.config.stash[RUN]
        results = run.keep(request.node.nodeid, judgement)
        accepted = {"pass", "loose"} - set(request.config.getoption("--bn-fail-on"))
        if judgement.status not in accepted:
            pytest.fail(testing.message(judgement, results, run.findings), pytrace=False)

    return accept
