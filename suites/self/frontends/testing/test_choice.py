"""What is chosen is judged, and what is missing fails: never a green run of nothing."""

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


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("torhc", "did you mean torch"),
        ("nowhere.py:f", "there is no file 'nowhere.py'"),
        ("absent.py:g", "absent.py has no 'g'"),
        ("absent.py", "'absent.py' names no function"),
    ],
)
def test_mistaken_backend_is_a_usage_error(inner: pytest.Pytester, name: str, told: str) -> None:
    """A typo does not collect an empty suite, and is told in a line."""
    result = run(inner, "--bn-backend", name)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{told}*"])


def test_no_backend_is_an_error(inner: pytest.Pytester) -> None:
    """Nobody's kernel is not judged green."""
    result = run(inner)
    assert result.ret == pytest.ExitCode.INTERRUPTED
    result.stdout.fnmatch_lines(["*no backend was chosen: give --bn-backend*"])


def test_configuration_file_chooses_where_the_command_line_does_not(
    inner: pytest.Pytester,
) -> None:
    """What is to be judged each time need not be typed each time."""
    inner.makeini("[pytest]\nbn_backend = numpy")
    run(inner).assert_outcomes(passed=1)


def test_all_skips_what_is_not_installed(inner: pytest.Pytester) -> None:
    """It was not asked for by name, and so it is no failure."""
    inner.makepyfile(entry="from absent import f")
    result = run(inner, "--bn-backend", "all", "-k", "numpy or torch_api")
    result.assert_outcomes(passed=2, deselected=7)


def test_nothing_but_skipped_is_not_green(inner: pytest.Pytester) -> None:
    """A backend that takes no data of any rank that is asked has not been judged."""
    inner.makepyfile(
        far="def f(*a, **k): ...",
        test_suite="import pytest\ndef test_skipped(bn_backend): pytest.skip('not today')",
    )
    result = run(inner, "--bn-backend", "far.py:f")
    result.assert_outcomes(skipped=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: no test judged far.py:f*"])


def test_tests_of_others_alone_are_not_green(inner: pytest.Pytester) -> None:
    """A run that was asked to judge a backend, and has no test that does, says so."""
    inner.makepyfile(test_suite="def test_other(): pass")
    result = run(inner, "--bn-backend", "numpy")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["ERROR: no test judged numpy*"])


def test_plugin_that_is_named_twice_is_one(inner: pytest.Pytester) -> None:
    """On the command line and in a conftest, as in a checkout whose conftest has it."""
    inner.makeconftest("pytest_plugins = ('bnparity.pytest_plugin',)")
    result = run(inner, "-p", "bnparity.pytest_plugin", "--bn-backend", "numpy")
    result.assert_outcomes(passed=1)


def test_tests_about_others_are_left_out(inner: pytest.Pytester) -> None:
    """Who names a backend is not asked for the frameworks; who names a framework is."""
    inner.makepyfile(
        test_suite="""
        import pytest

        @pytest.mark.bn_about("torch", "numpy")
        def test_about(): pass

        def test_chosen(bn_backend): pass
        """
    )
    run(inner, "--bn-backend", "torch_api").assert_outcomes(passed=1, deselected=0)
    run(inner, "--bn-backend", "numpy").assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("option", "value", "told"),
    [
        ("--bn-report", "report.pdf", "give the path of an .html or .json file"),
        ("--bn-report", "/proc/report.html", "cannot be written"),
    ],
)
def test_mistaken_option_is_a_usage_error(
    inner: pytest.Pytester, option: str, value: str, told: str
) -> None:
    """It shows before the work, not after it."""
    result = run(inner, "--bn-backend", "numpy", option, value)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: *{told}*"])
