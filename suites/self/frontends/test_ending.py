"""However a command ends, its verdict is told: streams that fail and full disks cost no more."""

import errno
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from bnparity.backends import UsageError
from bnparity.cli import run_command
from bnparity.frontends.commands import output
from bnparity.sessions.campaign.store import FILE, unusable
from campaigns import fuzzing, jobs_of

COMMAND = [sys.executable, "-m", "bnparity"]
WORDS = ["wrong.py:batch_norm", "--examples", "6", "--in-process"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_a_session_as_an_interrupt_does(folder: Path, number: signal.Signals) -> None:
    """What is known by then is printed, and the exit code says that it was cut short."""
    with subprocess.Popen(
        [*COMMAND, "run", "wrong.py:batch_norm", "--time", "1h", "--no-earlier"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as session:
        assert session.stderr is not None
        session.stderr.readline()  # which comes with the first case
        session.send_signal(number)
        said, why = session.communicate()
    assert session.returncode == 130
    assert "wrong.py:batch_norm" in said
    assert "interrupted after" in why


def test_conventions_that_are_cut_short_are_no_verdict(folder: Path) -> None:
    """Ctrl-C is told, and has its exit code, whatever was known by then."""
    words = [*COMMAND, "semantics", "wrong.py:batch_norm", "--examples", "100000"]
    with subprocess.Popen(
        words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as session:
        assert session.stderr is not None
        session.stderr.readline()  # which comes with the first case
        session.send_signal(signal.SIGINT)
        _, why = session.communicate()
    assert session.returncode == 130
    assert "interrupted after" in why


@pytest.mark.parametrize("reader", ["nobody", "full"])
def test_output_that_nobody_reads_changes_nothing(folder: Path, reader: str) -> None:
    """The exit code is the verdict's, and the report is written."""
    seeing, writing = os.pipe()
    os.close(seeing)
    with Path("/dev/full").open("w") as full:
        stdout = writing if reader == "nobody" else full
        words = [*COMMAND, "run", *WORDS, "--html", f"{reader}.html"]
        done = subprocess.run(words, cwd=folder, stdout=stdout, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.returncode == 1, done
    assert b"Exception ignored" not in done.stderr
    assert (folder / f"{reader}.html").is_file()


@pytest.mark.parametrize(("reader", "said"), [("nobody", ""), ("full", "not printed")])
@pytest.mark.parametrize("words", [["env", "list"], ["--help"], ["explain", "loose"]])
def test_list_that_nobody_reads_is_no_finding(words: list[str], reader: str, said: str) -> None:
    """As of ``| head -1``: exit code 0, and at most one line says why there is nothing."""
    seeing, writing = os.pipe()
    os.close(seeing)
    with Path("/dev/full").open("w") as full:
        stdout = writing if reader == "nobody" else full
        done = subprocess.run(
            [*COMMAND, *words], stdout=stdout, stderr=subprocess.PIPE, check=False
        )
    os.close(writing)
    assert done.returncode == 0, done
    assert said in done.stderr.decode()
    assert done.stderr.count(b"\n") == bool(said)


def test_results_that_cannot_be_written_cost_no_verdict(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table is printed, the reason too, other files are written, the exit code is the same."""

    def full(path: Path, text: str) -> None:
        if path.suffix == ".json":
            raise OSError(errno.ENOSPC, "No space left on device")
        path.write_text(text)

    monkeypatch.setattr(output, "write", full)
    monkeypatch.chdir(folder)
    assert run_command(["run", *WORDS, "--json", "r.json", "--markdown", "r.md"]) == 1
    told = capsys.readouterr()
    assert "wrong.py:batch_norm" in told.out
    assert "'r.json' is not written (No space left on device); the verdict stands" in told.err
    assert (folder / "r.md").is_file()


def test_findings_that_cannot_be_kept_are_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With what helps; the verdict is the same."""
    (folder / ".bnparity").write_text("in the way")
    monkeypatch.chdir(folder)
    assert run_command(["run", WORDS[0], "--examples", "60", "--in-process"]) == 1
    assert "findings are not kept, '.bnparity' cannot be made" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--json", "a", "--html", "./a"], "'a' is named twice: give a path of its own"),
        (["--html", "wrong.py"], "'wrong.py' holds a backend"),
        (["--json", "x" * 250], "File name too long"),
        (["--json", "taken/r.json"], "'taken/findings' is no folder"),
    ],
)
def test_places_that_cannot_be_are_told_at_the_start(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    why: str,
) -> None:
    """Not after an hour of work, and nothing is written over."""
    (folder / "taken").mkdir()
    (folder / "taken" / "findings").write_text("")
    monkeypatch.chdir(folder)
    assert run_command(["run", *WORDS, *words]) == 2
    assert why in capsys.readouterr().err


def test_state_that_is_whole_is_not_to_be_removed(tmp_path: Path) -> None:
    """Another process holds it: the advice is to wait, and that of a broken one to remove it."""
    with (
        closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other,
        closing(sqlite3.connect(tmp_path / FILE, timeout=0.0)) as connection,
    ):
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(sqlite3.OperationalError) as locked:
            connection.execute("CREATE TABLE t (x)")
    assert "wait for that one" in str(unusable(tmp_path, locked.value))
    assert isinstance(unusable(tmp_path, ValueError()), UsageError)
    assert "remove it" in str(unusable(tmp_path, ValueError()))


def test_escapes_of_a_backend_do_not_reach_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither what it raises when it is imported, nor why it says that it is not there."""
    monkeypatch.chdir(tmp_path)
    Path("raising.py").write_text("raise ImportError('\\x1b]0;owned\\x07\\x1b[31m')")
    Path("absent.py").write_text(
        "def f(*_, **__): ...\nf.probe = lambda: {'reason': 'no \\x1b[2J\\nsecond line'}"
    )
    assert run_command(["run", "raising.py:f"]) == 2
    assert run_command(["run", "absent.py:f", "--require", "absent.py:f"]) == 3
    told = capsys.readouterr()
    assert "owned" in told.err
    assert "second line" in told.out
    assert "\x1b" not in told.err + told.out


def test_job_that_is_stopped_does_not_hold_up_the_end(folder: Path) -> None:
    """Somebody has stopped it, and goes: the session ends when its time is over."""
    with fuzzing(folder, "right.py:batch_norm", "--time", "3s") as session:
        while not (jobs := jobs_of(session.pid)):
            time.sleep(0.05)
        os.kill(jobs[0], signal.SIGSTOP)
        _, said = session.communicate()
    assert "all of this is kept in .bnparity" in said
