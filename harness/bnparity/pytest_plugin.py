"""pytest options and fixtures for the parity suites: ``pytest -p bnparity.pytest_plugin``.

``--bn-backend NAME`` chooses what the suites judge, ``--bn-require NAME`` makes its absence a
failure of the whole run: a framework that is missing must never look like one that passed. Nor
does a run that judged nothing: whatever it was asked to judge has to be, or it is not green.
``--bn-state DIR`` has what `bnparity fuzz` found put to the chosen backends, case by case. The
state's backends are not loaded for it: whose code runs, the command says. A test of somebody's own
takes `bn_judge`, and needs no option.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bnparity.backends import Name, Opened, opened, parse
from bnparity.frontends import testing
from bnparity.frontends.commands.output import KEPT
from bnparity.results import Judgement, dump, found_from_here, write, writer
from bnparity.sessions import OpenBackends, Plan, judge_by_cases, loadable, unjudged

RUN = pytest.StashKey[testing.Run]()
OUTCOME = pytest.StashKey[testing.Outcome]()
PLAN = pytest.StashKey[Plan]()
KNOWN = pytest.StashKey[dict[str, set[str]]]()

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
    several(
        "--bn-fail-on",
        choices=["loose"],
        metavar="VERDICT",
        help="fail at this verdict too: loose, less accurate than careful code",
    )
    testing.add_settings(parser, group)
    several("--bn-report", metavar="FILE", help="write what was judged to an .html or .json")
    parser.addini("bn_backend", "backends to judge where --bn-backend names none", type="args")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark, and look at the options before anything is collected."""
    config.addinivalue_line(
        "markers", f"{testing.ABOUT}(*names): about these frameworks, whatever --bn-backend names"
    )
    config.stash[PLAN] = testing.plan_of(config)
    config.stash[KNOWN] = testing.known_findings(config)
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
        findings = config.invocation_params.dir / KEPT
    records = testing.Records(folder=folder, process=worker["workerid"] if worker else "main")
    limits = config.stash[PLAN].limits
    config.stash[RUN] = testing.Run(records=records, findings=findings, limits=limits)
    config.pluginmanager.register(config.stash[RUN])


@testing.told_by_pytest()
def _look_at_backends(config: pytest.Config) -> None:
    loadable(testing.chosen(config))
    for text in config.getoption("--bn-require"):
        with opened(parse(text)) as backend:
            if backend.reason:
                pytest.exit(f"{text} is required, but {backend.reason}", returncode=1)


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


@pytest.hookimpl(wrapper=True)
def pytest_pycollect_makeitem(collector: pytest.Collector) -> Generator[None, Any, Any]:
    """Leave out what is about other frameworks than those named, as if it were not there."""
    made = yield
    if not isinstance(made, list):
        return made
    config = collector.config
    return [item for item in made if not testing.is_about_others(config, item)]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say of each test which backend it judges."""
    for item in items:
        if backend := testing.backend_of(item):
            item.user_properties.append((testing.BACKEND, backend))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note what is to be run."""
    planned = {item.nodeid: testing.backend_of(item) for item in session.items}
    run = session.config.stash[RUN]
    run.records.plan({test: name for test, name in planned.items() if name})


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Put the records together and write the reports; no green where nothing was judged."""
    config = session.config
    run = config.stash.get(RUN, None)
    if run is None or hasattr(config, "workerinput") or config.getoption("collectonly"):
        return
    interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
    stopped = interrupted or bool(session.shouldstop or session.shouldfail)
    outcome = config.stash[OUTCOME] = run.outcome(testing.named(config), stopped=stopped)
    for path in testing.reports(config):
        render = writer("html") if path.suffix == ".html" else dump
        way = Path(os.path.relpath(run.findings, path.parent))
        write(path, render(found_from_here(outcome.results, way)))
    if outcome.problems and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what was judged, and what is wrong with the run as a whole."""
    outcome = config.stash.get(OUTCOME, None)
    if outcome is None or not (outcome.kept.judged or outcome.problems):
        return
    terminalreporter.section("bnparity")
    if outcome.kept.judged:
        # Each finding stands where a test failed; here is what they come to.
        terminalreporter.write(writer("text")({**outcome.results, "told": True}))
    if outcome.unfinished:
        terminalreporter.write_line(f"stopped: {outcome.unfinished} tests were not finished")
    for problem in outcome.problems:
        terminalreporter.write_line(f"ERROR: {problem}", red=True)
    for path in testing.reports(config):
        terminalreporter.write_line(f"report: {path}")


@pytest.fixture(scope="session")
def bn_plan(request: pytest.FixtureRequest) -> Plan:
    """Return how backends are judged: by how many cases, of which formats, by which dialect."""
    return request.config.stash[PLAN]


@pytest.fixture(scope="session")
def bn_opened(bn_plan: Plan) -> Iterator[dict[str, Opened]]:
    """Keep the backends of the session open; `bn_backend` fills it."""
    backends = OpenBackends(bn_plan)
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


@pytest.fixture
def bn_accept(request: pytest.FixtureRequest) -> Callable[[Judgement], None]:
    """Return what keeps a judgement for the report, and fails the test if it is not acceptable.

    What the baseline has as well is an expected failure.
    """
    known = request.config.stash[KNOWN]

    def accept(judgement: Judgement) -> None:
        run = request.config.stash[RUN]
        results, before = run.keep(request.node.nodeid, judgement)
        if judgement.status in testing.accepted(request.config.getoption("--bn-fail-on")):
            return
        found = {finding.id for finding in judgement.findings}
        if found and found <= known.get(judgement.name, set()):
            pytest.xfail(f"{judgement.name} fails as in the baseline")
        else:
            text = testing.message(judgement, results, run.findings, before)
            pytest.fail(text, pytrace=False)

    return accept


@pytest.fixture
def bn_judge(
    bn_plan: Plan,
    bn_opened: dict[str, Opened],
    bn_accept: Callable[[Judgement], None],
    request: pytest.FixtureRequest,
) -> testing.Judge:
    """Return what judges a function, or a backend by its name, and fails the test if it is wrong.

    A function is called in the process of the test, so that a breakpoint in it stops there; a
    backend that is named, as ``"my_kernel.py:batch_norm"``, has a process of its own.
    """

    def judge(backend: Callable[..., Any] | str, **asked: Any) -> None:
        name, found = testing.given(backend, bn_opened)
        request.node.user_properties.append((testing.BACKEND, name.text))
        if found.ask is None:
            pytest.fail(f"{name.text} is unavailable: {found.reason}", pytrace=False)
        bn_accept(judge_by_cases(name, found, testing.asked_of(bn_plan, **asked)))

    return judge
