"""A test of somebody's own: a function or a name, and a line."""

import pytest

pytest_plugins = ("pytester",)

KERNELS = """
import numpy as np

def right(x, weight, bias, running_mean, running_var, *, training, momentum, eps, grad_output=None):
    if momentum is None:
        raise NotImplementedError("momentum=None")
    axes, column = (0, *range(2, x.ndim)), (1, -1) + (1,) * (x.ndim - 2)
    wide, n = x.astype(np.float64), x.size // x.shape[1]
    mean, var = running_mean, running_var
    if training or running_mean is None:
        mean, var = wide.mean(axes), wide.var(axes)
        if running_mean is not None and training:
            running_mean = (1 - momentum) * running_mean.astype(float) + momentum * mean
            running_var = (1 - momentum) * running_var.astype(float) + momentum * var * n / (n - 1)
            running_mean, running_var = running_mean.astype("f4"), running_var.astype("f4")
    y = (wide - mean.reshape(column)) / np.sqrt(var.astype(float) + eps).reshape(column)
    y = y * (1 if weight is None else weight.astype(float).reshape(column))
    y = y + (0 if bias is None else bias.astype(float).reshape(column))
    return {"output": y.astype("f4"), "running_mean": running_mean, "running_var": running_var}

right.outputs = ("output", "running_mean", "running_var")

def wrong(*args, momentum, **settings):
    return right(*args, momentum=None if momentum is None else 1 - momentum, **settings)

wrong.outputs = right.outputs
"""
SUITE = """
import kernels

def test_right(bn_judge): bn_judge(kernels.right, examples=40)
def test_wrong(bn_judge): bn_judge(kernels.wrong, examples=40)
def test_named(bn_judge): bn_judge("kernels.py:wrong", examples=40, seed=1)
def test_format(bn_judge): bn_judge(kernels.right, dtypes=["float64"])
def test_dialect(bn_judge): bn_judge(kernels.right, dialect="mindspore", examples=20)
"""


@pytest.fixture
def own(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """Return a repository of somebody with a right and a wrong kernel."""
    monkeypatch.delenv("CI", raising=False)  # there pytest's summary repeats all that was told
    pytester.makepyfile(kernels=KERNELS, test_own=SUITE)
    pytester.makeconftest("pytest_plugins = ('bnparity.pytest_plugin',)")
    return pytester


def test_own_tests_judge_what_they_are_given(own: pytest.Pytester) -> None:
    """No option is needed; what fails twice is told once, and kept in one place."""
    result = own.runpytest_subprocess("-v", "--bn-report", "r.html")
    outcomes = {
        line.split("::")[1].split()[0]: line.split()[1]
        for line in result.outlines
        if line.startswith("test_own.py::")
    }
    assert outcomes == {
        "test_right": "PASSED",
        "test_wrong": "FAILED",
        "test_named": "FAILED",
        "test_format": "FAILED",
        "test_dialect": "FAILED",
    }
    told = [line for line in result.outlines if "with momentum=old, but torch" in line]
    assert len(told) == 2
    assert told[1].endswith("(see test_own.py::test_wrong)")
    result.stdout.fnmatch_lines(["  replay: bnparity replay .bnparity/findings/kernels.py-wrong-*"])
    assert any("float64 was asked for and not checked" in line for line in result.outlines)
    folders = {path.name for path in own.path.iterdir()}
    assert folders <= {
        ".bnparity",
        ".pytest_cache",
        "__pycache__",
        ".benchmarks",
        "conftest.py",
        "kernels.py",
        "test_own.py",
        "r.html",
        *("stdout", "stderr", "runpytest-0", "runpytest-current"),  # pytester's own
    }


def test_baseline_makes_known_failures_expected(own: pytest.Pytester) -> None:
    """It is that of the plugin, or of a run; what it does not have fails."""
    assert own.runpytest_subprocess("-k", "wrong", "--bn-report", "base.json").ret == 1
    own.makeini("[pytest]\nbn_baseline = base.json")
    own.runpytest_subprocess("-k", "wrong or named").assert_outcomes(xfailed=2)


def test_stopped_run_has_no_findings_of_what_was_not_run(own: pytest.Pytester) -> None:
    """What was not asked says nothing about a backend."""
    own.makepyfile(test_own="def test_first(): assert False\ndef test_backend(bn_backend): pass")
    result = own.runpytest_subprocess("-x", "--bn-backend", "kernels.py:right")
    assert "vacuous" not in result.stdout.str()
    assert "ERROR" not in result.stdout.str()


def test_run_without_a_judgement_has_no_section(own: pytest.Pytester) -> None:
    """Whoever has the plugin on need not see it."""
    own.makepyfile(test_own="def test_other(): pass")
    assert "bnparity ===" not in own.runpytest_subprocess().stdout.str()


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--bn-dtype", "float31", "did you mean float32"),
        ("--bn-dialect", "torhc", "did you mean torch"),
        ("--bn-seed", "one", "--bn-seed one: not a whole number"),
        ("--bn-examples", "0", "--bn-examples 0: nothing would be checked"),
        ("--bn-timeout", "soon", "--bn-timeout soon: not a length of time"),
        ("--bn-baseline", "gone.json", "there is no such file"),
    ],
)
def test_mistaken_setting_is_a_usage_error(
    own: pytest.Pytester, option: str, value: str, told: str
) -> None:
    """It shows before the work, in a line."""
    result = own.runpytest_inprocess(option, value, "-p", "bnparity.pytest_plugin")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{told}*"])
