"""pytest replays what a campaign found, on the backends that its command names."""

from pathlib import Path

import pytest
from campaigns import NAME, WRONG, fuzz

pytest_plugins = ("pytester",)

SUITE = str(Path(__file__).parents[3] / "bnparity_suites" / "test_found.py")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the state of a campaign on a wrong kernel."""
    folder = tmp_path_factory.mktemp("campaign")
    (folder / "wrong.py").write_text(WRONG)
    done = fuzz(folder, NAME, "--examples", "250", "--state", "state")
    assert done.returncode == 1, done
    return folder / "state"


@pytest.fixture
def inner(pytester: pytest.Pytester) -> pytest.Pytester:
    """Return a folder with the kernel."""
    pytester.makepyfile(wrong=WRONG)
    return pytester


def replayed(inner: pytest.Pytester, *arguments: str | Path) -> pytest.RunResult:
    """Run the shipped suite of what was found."""
    return inner.runpytest_subprocess("-p", "bnparity.pytest_plugin", *arguments, SUITE)


def test_what_was_found_fails_again(inner: pytest.Pytester, state: Path) -> None:
    """Every symptom of the campaign is a test that fails."""
    result = replayed(inner, "--bn-backend", NAME, "--bn-state", state)
    outcomes = result.parseoutcomes()
    assert outcomes.keys() == {"failed"}
    assert outcomes["failed"] >= 3
    result.stdout.fnmatch_lines(["*fail: running_mean*is *, expected *", "*error: RuntimeError*"])


def test_what_was_found_passes_on_a_right_backend(inner: pytest.Pytester, state: Path) -> None:
    """The backend that the state names is not loaded."""
    (inner.path / "wrong.py").unlink()
    result = replayed(inner, "--bn-backend", "numpy", "--bn-state", state)
    assert result.parseoutcomes().keys() == {"passed"}


def test_without_a_state_nothing_is_replayed(inner: pytest.Pytester) -> None:
    """It is skipped, and does not pass."""
    replayed(inner, "--bn-backend", "numpy").assert_outcomes(skipped=1)


def test_state_that_is_none_is_a_usage_error(inner: pytest.Pytester) -> None:
    """A typo does not collect an empty suite."""
    result = replayed(inner, "--bn-backend", "numpy", "--bn-state", "nowhere")
    assert result.ret != 0
    both = result.stdout.str() + result.stderr.str()
    assert "there is no campaign in 'nowhere'" in both
