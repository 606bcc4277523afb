"""What is printed of a campaign at its end, and afterwards, without asking a backend."""

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from bnparity.cli import run_command
from campaigns import NAME, WRONG, fuzz

FILES = ("--json", "out/r.json", "--markdown", "out/r.md", "--junit", "out/r.xml")


@pytest.fixture(scope="module")
def ended(
    tmp_path_factory: pytest.TempPathFactory,
) -> "tuple[Path, subprocess.CompletedProcess[str]]":
    """Return the folder of a campaign that has ended, and what it has printed."""
    folder = tmp_path_factory.mktemp("campaign")
    (folder / "wrong.py").write_text(WRONG)
    return folder, fuzz(folder, NAME, "--examples", "250", *FILES)


@pytest.fixture
def folder(
    ended: "tuple[Path, subprocess.CompletedProcess[str]]",
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Return a copy of it without the kernel, and be there."""
    shutil.copytree(ended[0], tmp_path / "copy")
    (tmp_path / "copy" / "wrong.py").unlink()
    monkeypatch.chdir(tmp_path / "copy")
    return tmp_path / "copy"


def test_end_says_where_all_is_and_how_to_go_on(
    ended: "tuple[Path, subprocess.CompletedProcess[str]]",
) -> None:
    """Each line is a command; that of going on is the one that was given."""
    _, done = ended
    assert done.returncode == 1, done
    _, *lines = done.stderr[done.stderr.index("bnparity: all of this is kept in") :].splitlines()
    commands = [line.partition(":")[2].strip() for line in lines]
    assert commands == [
        "bnparity fuzz --status",
        "bnparity report .bnparity --html FILE",
        shlex.join(["bnparity", "fuzz", NAME, "--examples", "250", *FILES]),
    ]


def test_status_is_what_the_session_said(
    ended: "tuple[Path, subprocess.CompletedProcess[str]]",
    folder: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The kernel's file need not be there."""
    assert run_command(["fuzz", "--status"]) == 1
    printed = capsys.readouterr().out
    assert without_places(printed) == without_places(ended[1].stdout)


def without_places(printed: str) -> str:
    """Return what a command has printed but for what files it wrote, where, and what is next."""
    printed = re.sub(r"\nnext: (.|\n)*", "", printed)
    printed = re.sub(r"report: .*\n", "", printed)
    return re.sub(r"\S*findings/", "", printed)


def test_status_of_a_campaign_that_went_on_has_its_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the last session said is out of date once more has been counted."""
    results = folder / ".bnparity" / "results.json"
    document = json.loads(results.read_text())
    document["backends"][0]["cases"] -= 1
    results.write_text(json.dumps(document))
    assert run_command(["fuzz", "--status", NAME]) == 1
    printed = " ".join(capsys.readouterr().out.split())
    assert "not explained yet: running_mean and running_var" in printed
    assert "error wrong.py:batch_norm: RuntimeError: odd (2, 7)" in printed


def test_reports_of_a_campaign(folder: Path) -> None:
    """They are as those that the session has written."""
    files = ("--markdown", "again.md", "--junit", "again.xml")
    assert run_command(["report", ".bnparity", *files]) == 0
    for suffix in ("md", "xml"):
        again = Path(f"again.{suffix}").read_text()
        assert without_places(again) == without_places(Path(f"out/r.{suffix}").read_text())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("fuzz", "--status", "torch"), "no results of torch: it has wrong.py:batch_norm"),
        (("fuzz", "--status", "--html", "x.html"), "bnparity report .bnparity --html FILE"),
        (("fuzz", "--status", "--state", "out"), "there is no campaign in 'out'"),
        (("report", "out"), "there is no campaign in 'out'"),
    ],
)
def test_wrong_words_are_2_and_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], told: str
) -> None:
    """The line says what to do instead."""
    assert run_command(words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert told in said
