"""Completion of the shell."""

import pytest
from bnparity.cli import run_command


def test_shell_is_told_what_may_come_next(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a shell asks it, with nothing but its environment."""
    monkeypatch.setenv("_BNPARITY_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", "bnparity ini")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit):
        run_command([])
    assert capsys.readouterr().out.split() == ["init"]
