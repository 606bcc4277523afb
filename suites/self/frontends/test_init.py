"""`bnparity init`: a test for what is in a file."""

import subprocess
import sys
from pathlib import Path

import pytest
from bnparity.cli import run_command

KERNELS = """
import nowhere_to_be_found

def batch_norm(x, weight, bias, running_mean, running_var, *, training, momentum, eps,
               grad_output=None): ...
def bn_forward(x, gamma, beta, bn_param): ...
def helper(x): ...
class MyNorm:
    def forward(self, x): ...
class Other: ...
"""
RIGHT = """
from bnparity.kernels.numpy_kernel import batch_norm as right

def batch_norm(*arrays, **settings):
    return right(*arrays, **settings)
"""


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kernels.py").write_text(KERNELS)


def test_each_norm_has_its_part() -> None:
    """A function of the contract and a layer have a test, another function an adapter."""
    assert run_command(["init", "kernels.py"]) == 0
    text = Path("test_kernels_parity.py").read_text()
    assert 'assert_parity(f"{FILE}:batch_norm"' in text
    assert 'assert_parity(f"{FILE}:MyNorm"' in text
    assert "# bn_forward(x, gamma, beta, bn_param) does not take" in text
    assert "helper" not in text
    assert "Other" not in text
    compile(text, "test_kernels_parity.py", "exec")


def test_written_test_judges_the_kernel() -> None:
    """It runs as it is, and fails as a test does where the kernel borrows its work."""
    Path("kernel.py").write_text(RIGHT)
    assert run_command(["init", "kernel.py", "--out", "test_it.py"]) == 0
    command = [sys.executable, "-m", "pytest", "-q", "test_it.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "AssertionError" in done.stdout
    assert "the backend called bnparity.kernels.numpy_kernel" in done.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["gone.py"], "cannot be read"),
        (["broken.py"], "is no Python"),
        (["empty.py"], "nothing that looks like a BatchNorm"),
        (["kernels.py", "--out", "kernels.py"], "is there already"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, and nothing is written."""
    Path("broken.py").write_text("def (")
    Path("empty.py").write_text("")
    assert run_command(["init", *words]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
    assert not list(Path().glob("test_*"))
