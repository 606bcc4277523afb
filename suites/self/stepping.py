"""Steps of a workflow, run as GitHub's runner does, as far as that goes without it."""

import os
import subprocess
import sys
from pathlib import Path


def run_step(script: str, folder: Path, **env: str) -> "subprocess.CompletedProcess[str]":
    """Run the script of a step in `folder`, with ``summary.md`` there as the job's summary."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    github = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(folder / "summary.md")}
    return subprocess.run(
        ["bash", "-e", "-c", script],  # noqa: S607  # the runner finds it so, too
        cwd=folder,
        env={**os.environ, "PATH": path, **github, **env},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
