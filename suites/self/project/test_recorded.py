"""What an earlier version left behind still works.

``recorded`` holds results, a finding and a campaign's state of the kernel there, written by the
version before the rooms (schema 1). The state is a dump of which most rows were left out; the
kernel is a text, since the state knows it by its bytes.
"""

import shutil
import sqlite3
from pathlib import Path

import pytest
from bnparity.cli import run_command
from bnparity.sessions import cases_found, stored

RECORDED = Path(__file__).with_name("recorded")
BACKEND = "kernel.py:batch_norm"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in, with the recorded files in it."""
    shutil.copytree(RECORDED, tmp_path, dirs_exist_ok=True)
    (tmp_path / "kernel.txt").rename(tmp_path / "kernel.py")
    (tmp_path / "state").mkdir()
    with sqlite3.connect(tmp_path / "state" / "campaign.sqlite") as connection:
        connection.executescript((RECORDED / "campaign.sql").read_text())
    connection.close()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_results_become_a_report(folder: Path) -> None:
    """They are valid by today's schema, and a page shows them."""
    assert run_command(["report", "results.json", "--html", "page.html"]) == 0
    assert "running_variance=biased" in (folder / "page.html").read_text()


@pytest.mark.usefixtures("folder")
def test_results_are_a_baseline() -> None:
    """The same kernel has nothing that is worse today."""
    words = ["run", BACKEND, "--examples", "60", "--seed", "1", "--in-process"]
    assert run_command([*words, "--baseline", "results.json"]) == 0


@pytest.mark.usefixtures("folder")
def test_finding_is_replayed() -> None:
    """Its case fails as it did."""
    assert run_command(["replay", "finding.json", "--backend", BACKEND]) == 1


def test_state_still_knows_what_was_found(folder: Path) -> None:
    """The backend, the symptom and the smallest case."""
    with stored(folder / "state") as store:
        ((backend, dialect, symptom, case),) = cases_found(store)
    assert (backend, dialect, symptom) == (BACKEND, "torch", "running_var")
    assert case.shape == (2, 1)


@pytest.mark.usefixtures("folder")
def test_campaign_goes_on_or_says_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    """With the libraries it was begun with it goes on; with others one line says which it needs."""
    code = run_command(["fuzz", BACKEND, "--examples", "500", "--state", "state"])
    if code != 1:
        assert code == 2
        (line,) = capsys.readouterr().err.splitlines()
        assert "it was begun with" in line
