"""The pytest plugin: what is chosen is judged, and what is missing fails."""

from pathlib import Path

import pytest

pytest_plugins = ("pytester",)

SUITE = "def test_chosen(bn_backend): assert bn_backend.ask is not None"
ABSENT = "def f(*a, **k): ...\nf.probe = lambda: {'reason': 'it is not here'}"


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a folder with a suite of one test, and a backend that is unavailable."""
    pytester.makepyfile(test_suite=SUITE, absent=ABSENT)
    return pytester


def run(inner: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run the suite in a process of its own."""
    return inner.runpytest_subprocess("-p", "bnparity.pytest_plugin", *arguments)


def test_chosen_backend_is_judged(inner: pytest.Pytester) -> None:
    """One backend, one test."""
    run(inner, "--bn-backend", "numpy").assert_outcomes(passed=1)


def test_chosen_backend_that_is_missing_fails(inner: pytest.Pytester) -> None:
    """It was asked for, so it is not skipped."""
    run(inner, "--bn-backend", "absent.py:f").assert_outcomes(errors=1)


def test_required_backend_that_is_missing_ends_the_run(inner: pytest.Pytester) -> None:
    """No test of any backend runs, and the exit code says so."""
    result = run(inner, "--bn-require", "absent.py:f", "--bn-backend", "numpy")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["*absent.py:f is required, but it is not here*"])


def test_unknown_backend_is_a_usage_error(inner: pytest.Pytester) -> None:
    """A typo does not collect an empty suite."""
    result = run(inner, "--bn-backend", "torhc")
    assert result.ret != 0
    (result.stderr if "torhc" in result.stderr.str() else result.stdout).fnmatch_lines(
        ["*did you mean torch*"]
    )


def test_failure_shows_what_a_reader_needs(inner: pytest.Pytester) -> None:
    """Case, got, expected, bound and ratio stand in the message of a failing parity test."""
    inner.makepyfile(
        wrong="""
        from bnparity.kernels import numpy_kernel

        def batch_norm(*args, **kwargs):
            results = numpy_kernel.batch_norm(*args, **kwargs)
            return {**results, "output": results["output"] + 1}
        """
    )
    suite = Path(__file__).parents[2] / "bnparity_suites" / "test_parity.py"
    result = run(inner, "--bn-backend", "wrong.py:batch_norm", str(suite))
    result.assert_outcomes(failed=4)
    result.stdout.fnmatch_lines(["*fail: output*is *, expected *, bound *, ratio *"])
