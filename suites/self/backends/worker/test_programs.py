"""Where PyTorch keeps what it compiles: nothing is left of a call that was killed at it."""

import os
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest
from bnparity.backends.worker.programs import VARIABLE, Programs


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setitem(sys.modules, "torch", ModuleType("torch"))


def taken(programs: Programs) -> Path:
    """Return the folder that is taken."""
    environ: dict[str, str] = {}
    programs.take(environ)
    return Path(environ[VARIABLE])


def killed(programs: Programs) -> None:
    """Let go of the folder as a process does that is killed in a call."""
    programs.written().__enter__()
    assert programs._lock is not None
    os.close(programs._lock)


def test_what_a_killed_call_has_written_is_removed() -> None:
    """And what earlier calls have is kept: it need not be compiled again."""
    programs = Programs()
    folder = taken(programs)
    whole, broken = folder / "ab" / "whole.so", folder / "ab" / "broken.so"
    whole.parent.mkdir()
    whole.write_text("all of it")
    long_ago = time.time() - 60
    os.utime(whole, (long_ago, long_ago))
    broken.write_text("")
    killed(programs)
    assert taken(Programs()) == folder
    assert (whole.exists(), broken.exists()) == (True, False)


def test_what_a_call_has_written_that_ended_is_kept() -> None:
    """However the process ends after it."""
    programs = Programs()
    folder = taken(programs)
    with programs.written():
        (folder / "whole.so").write_text("all of it")
    assert programs._lock is not None
    os.close(programs._lock)
    assert taken(Programs()) == folder
    assert (folder / "whole.so").exists()


def test_each_process_has_a_folder_of_its_own() -> None:
    """As long as it runs: nobody removes what another is about to load."""
    one, other = Programs(), Programs()
    assert taken(one) != taken(other)


def test_folder_that_is_named_is_left_alone() -> None:
    """Who has set the variable keeps programs where they say."""
    environ = {VARIABLE: "/somewhere"}
    Programs().take(environ)
    assert environ == {VARIABLE: "/somewhere"}


def test_backend_without_pytorch_takes_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would be kept in it."""
    monkeypatch.delitem(sys.modules, "torch")
    environ: dict[str, str] = {}
    Programs().take(environ)
    assert environ == {}
