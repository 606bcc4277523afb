"""The suites in somebody else's repository: strict settings, kernels of its own, no checkout."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from bnparity.results.document import read

pytest_plugins = ("pytester",)

SELF = Path(__file__).parents[2]
KERNELS = f"""
import sys
sys.path.insert(0, {str(SELF)!r})
from right import RIGHT

right = RIGHT["two_pass"]

def wrong(*args, momentum, **settings):
    return right(*args, momentum=None if momentum is None else 1 - momentum, **settings)

def of_no_rank(*args, **settings): ...
of_no_rank.ranks = (8,)
"""
STRICT = """
[pytest]
addopts = --strict-config --strict-markers -q
filterwarnings = error
xfail_strict = true
"""
SUITES = ("--bn-examples", "30", "--pyargs", "bnparity_suites")


@pytest.fixture
def foreign(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a repository with strict settings, and a right and a wrong kernel."""
    pytester.makepyfile(kernels=KERNELS)
    pytester.path.joinpath("pytest.ini").write_text(STRICT)
    return pytester


def run(foreign: pytest.Pytester, kernel: str, *arguments: str) -> pytest.RunResult:
    """Run the suites on a kernel, in a process of their own."""
    chosen = ("--bn-backend", f"kernels.py:{kernel}")
    return foreign.runpytest_subprocess(
        "-p", "bnparity.pytest_plugin", *chosen, *SUITES, *arguments
    )


@pytest.mark.parametrize("arguments", [(), ("-n", "2"), ("-p", "no:cacheprovider", "-v")], ids=str)
def test_right_kernel_is_green(foreign: pytest.Pytester, arguments: tuple[str, ...]) -> None:
    """Every rank passes, whatever the settings, and nothing else is asked."""
    result = run(foreign, "right", *arguments)
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["passed"] == 4
    assert "failed" not in result.parseoutcomes()
    says = "pass *kernels.py:right follows the torch dialect: every output accurate, *"
    result.stdout.fnmatch_lines([says, "*, 120 cases."])


def test_conftest_of_a_folder_is_no_trouble(foreign: pytest.Pytester) -> None:
    """Where a folder has hooks of its own, pytest puts its plugins into a set."""
    for folder in ("one", "two"):
        place = foreign.mkdir(folder)
        (place / "conftest.py").write_text("def pytest_runtest_logreport(report): ...")
        (place / f"test_{folder}.py").write_text("def test_nothing(): ...")
    result = run(foreign, "right", "one", "two", "-k", "right-2 or nothing")
    assert result.ret == pytest.ExitCode.OK
    assert result.parseoutcomes()["passed"] == 3


def test_failure_says_all_that_a_reader_needs(foreign: pytest.Pytester) -> None:
    """What it does instead, what came and what was due, the case, and how to replay it."""
    result = run(foreign, "wrong", "-k", "wrong-2")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "kernels.py:wrong, judged by the dialect torch in 30 cases: fail",
            "semantics: running_mean, running_var: computed with momentum=old, *",
            "  fail: running_mean[[]0] is *, expected *, bound *, ratio *",
            "  Case(shape=(2, 1), *",
            "  replay: bnparity replay *",
        ]
    )


def test_replay_is_a_command(foreign: pytest.Pytester) -> None:
    """The line that the failure shows finds the failure again."""
    output = run(foreign, "wrong", "-k", "wrong-2").stdout.str()
    found = re.search(r"replay: bnparity (.*)", output)
    assert found is not None, output
    again = subprocess.run(
        [sys.executable, "-m", "bnparity", *shlex.split(found[1])],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert again.returncode == 1, again
    assert "fail  running_mean[0]" in again.stdout


def test_report_has_what_all_processes_judged(foreign: pytest.Pytester) -> None:
    """The results of two workers are as those of one process, and the page shows them."""
    reports = ("--bn-report", "out/parity.html", "--bn-report", "out/parity.json")
    together, alone = foreign.path / "out" / "parity.json", foreign.path / "alone.json"
    for arguments in ((*reports, "-n", "2"), ("--bn-report", str(alone))):
        assert run(foreign, "wrong", *arguments).parseoutcomes()["failed"] == 4
    two, one = read(together)["backends"][0], read(alone)["backends"][0]
    for differing in ("seconds", "findings"):
        two.pop(differing), one.pop(differing)
    assert two == one
    assert {cell["rank"] for cell in one["cells"]} == {2, 3, 4, 5}
    assert "computed with momentum=old" in together.with_suffix(".html").read_text()


def test_worker_that_dies_takes_nothing_with_it(foreign: pytest.Pytester) -> None:
    """What it had judged is in the results, and what it had not is named there."""
    foreign.makepyfile(
        killer="""
        import os
        def pytest_runtest_call(item):
            if "right-5" in item.nodeid:
                os._exit(9)
        """
    )
    result = run(foreign, "right", "-p", "killer", "-n", "1", "--bn-report", "r.json")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: not finished: *right-5]"])
    (backend,) = read(foreign.path / "r.json")["backends"]
    assert backend["status"] == "untrusted"
    assert {cell["rank"] for cell in backend["cells"]} == {2, 3, 4}
    assert ["right-5]" in finding["text"] for finding in backend["findings"]] == [True]


def test_kernel_that_takes_no_rank_is_not_green(foreign: pytest.Pytester) -> None:
    """All tests are skipped, and so nothing is known of it."""
    result = run(foreign, "of_no_rank")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: no test judged kernels.py:of_no_rank*"])
