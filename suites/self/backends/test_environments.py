"""Interpreters of their own."""

import sys
from pathlib import Path

import pytest
from bnparity.backends import environments, opened, parse
from bnparity.backends.errors import UsageError


def test_backend_without_an_environment_runs_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No environment, no other interpreter."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    assert environments.interpreter_of("mindspore") == sys.executable


def test_half_made_environment_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted attempt is no environment."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    python = tmp_path / "mindspore" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert environments.interpreter_of("mindspore") == sys.executable
    (tmp_path / "mindspore" / ".complete").touch()
    assert environments.interpreter_of("mindspore") == str(python)


def test_version_has_its_own_interpreter_or_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A version that is not there is not replaced by another one, and the remedy is a command."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    with opened(parse("torch==2.12.0")) as backend:
        assert backend.ask is None
    assert backend.reason.endswith("make it, bnparity env create torch==2.12.0")


def test_half_made_version_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interpreter that lies there is none before its environment is complete."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    python = tmp_path / "torch==2.12.0" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    assert "bnparity env create" in environments.why_not("torch==2.12.0")
    (tmp_path / "torch==2.12.0" / ".complete").touch()
    assert environments.why_not("torch==2.12.0") == ""


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("echo 3 11; exit 1", "has no NumPy: install it there"),
        ("echo 3 9", "is Python 3.9: give one of 3.11 or later"),
        ("echo Hello", "cannot be run as Python"),
    ],
)
def test_interpreter_that_cannot_serve_is_told_why(tmp_path: Path, program: str, told: str) -> None:
    """One without NumPy, one too old and a program that is none: a reason, and no worker."""
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{program}\n")
    python.chmod(0o700)
    with opened(parse(f"torch[python={python}]")) as backend:
        assert backend.ask is None
    assert told in backend.reason


def test_named_interpreter_runs_the_backend() -> None:
    """It is part of the name, beside a variant, so that a finding is replayed there."""
    name = parse(f"torch[channels_last,python={sys.executable}]")
    assert (name.variant, name.interpreter) == ("channels_last", sys.executable)
    with pytest.raises(UsageError, match="there is no Python '/no/python'"):
        parse("torch[python=/no/python]")
