"""The workflow that the repository shows to others does what it says, as far as it can be run."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from bnparity.results import declared_in
from reproducing import OLD_MOMENTUM
from stepping import run_step

ROOT = Path(__file__).parents[3]
KERNEL = "k.py:batch_norm"
ENTRY = f'[[known]]\nbackend = "{KERNEL}"\ncode = "momentum=old"\nreason = "agreed upon"\n'


@pytest.fixture(scope="module")
def job() -> dict[str, Any]:
    """Return the job of the workflow."""
    workflow = yaml.safe_load((ROOT / ".github/workflows/parity.yml").read_text())
    found: dict[str, Any] = workflow["jobs"]["parity"]
    return found


def stepped(
    job: dict[str, Any], folder: Path, source: str, known: str | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run the steps that call bnparity on a kernel; with the repository's own file if not `known`.

    What is judged, and how long, the job has in its environment.
    """
    (folder / "k.py").write_text(source)
    (folder / ".github").mkdir()
    shutil.copy(ROOT / ".github/known.toml", folder / ".github")
    if known is not None:
        (folder / ".github/known.toml").write_text(known)
    (step,) = (step["run"] for step in job["steps"] if "bnparity run" in step.get("run", ""))
    assert set(job["env"]) == {"BACKENDS", "REQUIRED", "EXAMPLES"}
    return run_step(step, folder, BACKENDS=KERNEL, REQUIRED=KERNEL, EXAMPLES="20 --in-process")


def test_own_file_of_known_deviations_is_read() -> None:
    """The example that others copy has no mistake."""
    assert declared_in(ROOT / ".github/known.toml").entries == ()


def test_wrong_kernel_is_red_and_annotated(job: dict[str, Any], tmp_path: Path) -> None:
    """The annotation is at the kernel's file, and the artefact has the finding."""
    done = stepped(job, tmp_path, OLD_MOMENTUM)
    assert done.returncode == 1, done
    assert "**1 new finding**" in (tmp_path / "summary.md").read_text()
    (line,) = (line for line in done.stdout.splitlines() if line.startswith("::error"))
    assert line.startswith("::error file=k.py,title=")
    (artefact,) = (
        s["with"]["path"] for s in job["steps"] if "upload-artifact" in s.get("uses", "")
    )
    assert list((tmp_path / artefact / "findings").glob("*/repro.py"))
    assert 'failures="2"' in (tmp_path / artefact / "junit.xml").read_text()


def test_declared_deviation_is_green(job: dict[str, Any], tmp_path: Path) -> None:
    """The reason is in the summary, and there is no annotation."""
    done = stepped(job, tmp_path, OLD_MOMENTUM, known=ENTRY)
    assert done.returncode == 0, done
    assert "**nothing new; 1 known finding stands**" in (tmp_path / "summary.md").read_text()
    assert "agreed upon" in (tmp_path / "summary.md").read_text()
    assert "::error" not in done.stdout
