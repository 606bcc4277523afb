"""`bnparity replay` of one finding, of many, and of all that earlier runs kept."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from bnparity.cli import run_command

WRONG = """
from bnparity.kernels import numpy_kernel

def batch_norm(*args, momentum, **settings):
    return numpy_kernel.batch_norm(*args, momentum=0.5 * momentum, **settings)
"""
FINDING = {"schema": "bnparity-finding/1", "dialect": "torch", "case": {"shape": [2, 1]}}

Replay: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Replay:
    """Return the command; it runs beside a wrong kernel and two findings that are kept."""
    monkeypatch.chdir(tmp_path)
    Path("wrong.py").write_text(WRONG)
    for name, backend in (("a", "numpy"), ("b", "wrong.py:batch_norm")):
        folder = Path(".bnparity/findings") / name
        folder.mkdir(parents=True)
        (folder / "finding.json").write_text(json.dumps({**FINDING, "backend": backend}))

    def run(*words: str) -> tuple[int, str]:
        code = run_command(["replay", *words])
        shown = capsys.readouterr()
        return code, shown.out + shown.err

    return run


def test_all_that_are_kept_are_replayed_without_a_word(replay: Replay) -> None:
    """Each has a line, and what would run somebody's file is not asked, which is no success."""
    code, shown = replay()
    lines = shown.splitlines()
    assert code == 2
    assert [line.split("  ")[0] for line in lines] == ["gone", "not asked", lines[-1]]
    assert "--backend" in lines[1]
    assert lines[-1] == "2 findings: 1 is gone, 1 was not asked."


def test_failure_among_many_is_1(replay: Replay) -> None:
    """The backend that the command names is asked about each."""
    code, shown = replay(".bnparity/findings", "--backend", "wrong.py:batch_norm")
    assert code == 1
    assert shown.splitlines()[-1] == "2 findings: 2 still fail."


def test_backend_that_is_none_is_told_once(replay: Replay) -> None:
    """However many findings it was to be asked about."""
    code, shown = replay("--backend", "wrong.py:norm")
    assert code == 2
    assert shown.count("wrong.py has no 'norm'") == len(shown.splitlines()) == 1


def test_all_gone_is_0(replay: Replay) -> None:
    """Folders may be named one by one too, and as what holds them."""
    code, shown = replay(".bnparity", ".bnparity/findings/a", "--backend", "numpy")
    assert code == 0
    assert shown.splitlines()[-1] == "3 findings: 3 are gone."


def test_nothing_kept_is_3(replay: Replay, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without findings is no success."""
    monkeypatch.chdir(tmp_path / ".bnparity" / "findings")
    code, shown = replay()
    assert code == 3
    assert "name the folder of one" in shown


@pytest.mark.parametrize(
    ("path", "told"),
    [("nowhere", "no finding at 'nowhere'"), (".bnparity/findings/c", "no finding in")],
)
def test_no_finding_is_one_line(replay: Replay, path: str, told: str) -> None:
    """A typo is told by its name."""
    Path(".bnparity/findings/c").mkdir()
    code, shown = replay(path)
    assert code == 2
    assert shown.count("\n") == 1
    assert told in shown
