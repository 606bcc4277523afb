"""``bnparity translate``: exit codes, output, and one line for what is wrong."""

import subprocess
import sys

import pytest


def bnparity(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command."""
    command = [sys.executable, "-m", "bnparity", "translate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_translation_is_0_and_can_be_pasted() -> None:
    """The output is source: the call, and what goes with it in comments."""
    done = bnparity("torch.nn.BatchNorm2d(64, momentum=0.2)", "--to", "mindspore")
    assert (done.returncode, done.stderr) == (0, "")
    call, *comments = done.stdout.splitlines()
    assert call == "mindspore.nn.BatchNorm2d(64, momentum=0.8)"
    assert all(comment.startswith("# ") for comment in comments)


def test_loss_is_named_when_asked_for() -> None:
    """With --lossy what is lost is a comment."""
    done = bnparity("torch.nn.BatchNorm2d(64, bias=False)", "--to", "mindspore", "--lossy")
    assert done.returncode == 0, done
    assert "# lost: bias=False: " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["torch.nn.BatchNorm2d(64, bias=False)", "--to", "mindspore"], "--lossy"),
        (["torch.nn.BatchNorm2d(64, momentum=None)", "--to", "mindspore"], "momentum=None"),
        (["torch.nn.BatchNorm2d(64, momentun=1)", "--to", "mindspore"], "did you mean momentum"),
        (["torch.nn.BatchNorm2d(64", "--to", "mindspore"], "never closed"),
        (["torch.nn.BatchNorm2d(64)", "--to", "mindspoer"], "did you mean mindspore"),
        (["torch.nn.BatchNorm2d(64)"], "--to"),
        (["torch.nn.BatchNorm2d(64)", "--to", "mindspore", "--losy"], "--losy"),
        (["--to", "mindspore"], "'call'"),
    ],
)
def test_wrong_words_are_2_and_one_line(arguments: list[str], named: str) -> None:
    """The line names the value or the option; nothing is printed as a result."""
    done = bnparity(*arguments)
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1, done.stderr
    assert named in done.stderr
    assert done.stdout == ""


def test_package_offers_translate() -> None:
    """It is there as ``bnparity.translate``, and importing the package alone loads no NumPy."""
    code = (
        "import sys, bnparity; assert 'numpy' not in sys.modules; "
        "print(bnparity.translate('nn.BatchNorm1d(2)', to='torch'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("nn.BatchNorm1d(2)")
