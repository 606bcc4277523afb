"""However a campaign is stopped and gone on with, and by however many, its results are the same."""

import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from campaigns import NAME, WRONG, contents, fuzz, fuzzing, jobs_of, kill_all

#: Two backends, of which one crashes, raises and gets a convention wrong: three blocks of each.
TARGETS = (NAME, "numpy", "--examples", "750")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what a campaign holds that nobody interrupted."""
    folder = tmp_path_factory.mktemp("whole")
    (folder / "wrong.py").write_text(WRONG)
    done = fuzz(folder, *TARGETS)
    assert done.returncode == 1, done
    return contents(folder / ".bnparity")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a wrong kernel."""
    (tmp_path / "wrong.py").write_text(WRONG)
    return tmp_path


def killed(folder: Path, seed: int) -> None:
    """Kill a session at an instant that is up to `seed`, most times with its jobs."""
    chance = random.Random(seed)  # noqa: S311  # no secret
    with fuzzing(folder, *TARGETS, "--jobs", "2") as process:
        time.sleep(chance.uniform(0.3, 10.0))
        if chance.random() < 0.75:
            kill_all(process)
        else:
            process.kill()


@pytest.mark.parametrize(
    "instant", [*range(2), *(pytest.param(n, marks=pytest.mark.soak) for n in range(2, 30))]
)
def test_killed_campaign_resumes_to_the_same(
    folder: Path, whole: dict[str, Any], instant: int
) -> None:
    """SIGKILL at any instant, and a resumed session ends where an uninterrupted one does."""
    killed(folder, instant)
    done = fuzz(folder, *TARGETS, "--jobs", "2")
    assert done.returncode == 1, done
    assert contents(folder / ".bnparity") == whole


def test_two_campaigns_in_one_folder_share_the_work(folder: Path, whole: dict[str, Any]) -> None:
    """Each block is counted once, and both sessions do some."""
    with fuzzing(folder, *TARGETS) as other:
        done = fuzz(folder, *TARGETS)
        assert done.returncode == 1, done
        other.communicate(timeout=120)
        assert other.returncode == 1
    assert contents(folder / ".bnparity") == whole


def test_job_that_is_killed_is_replaced(folder: Path, whole: dict[str, Any]) -> None:
    """What it had claimed is drawn by another, and the session goes on to its end."""
    with fuzzing(folder, *TARGETS) as process:
        while not (jobs := jobs_of(process.pid)):
            time.sleep(0.05)
        time.sleep(1.5)
        os.kill(jobs[0], signal.SIGKILL)
        _, said = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert contents(folder / ".bnparity") == whole


def test_interrupted_campaign_says_how_to_go_on(folder: Path, whole: dict[str, Any]) -> None:
    """Ctrl-C ends it with 130, the table and the results so far; no job is left behind."""
    with fuzzing(folder, *TARGETS, "--json", "r.json") as process:
        while not (jobs := jobs_of(process.pid)):
            time.sleep(0.05)
        time.sleep(2.0)
        os.kill(process.pid, signal.SIGINT)
        printed, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"{NAME} " in printed
    last = said.splitlines()[-1]
    assert last.startswith("bnparity: stopped after ")
    assert f"go on with: bnparity fuzz {NAME} numpy --examples 750" in last
    assert {b["name"] for b in json.loads((folder / "r.json").read_text())["backends"]} == {
        NAME,
        "numpy",
    }
    assert not any(Path(f"/proc/{job}").exists() for job in jobs)
    fuzz(folder, *TARGETS)
    assert contents(folder / ".bnparity") == whole
