"""Interpreters of their own."""

import sys
from pathlib import Path

import pytest
from bnparity.backends import environments
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


def test_folder_that_cannot_be_written_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says which variable to set."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path / "file" / "envs"))
    with pytest.raises(UsageError, match="set BNPARITY_ENVS"):
        environments.create_environment("mindspore")
