"""Campaigns for the tests: a kernel to fuzz, sessions as processes, and what a state holds."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bnparity.sessions.campaign.store import FILE
from commanding import heed_interrupts

#: Right but for two shapes, of which one ends the process, and for a momentum the wrong way round.
WRONG = """
import os
from bnparity.kernels import numpy_kernel

def batch_norm(x, *args, momentum, **kwargs):
    if x.shape[:2] == (17, 7):
        os.abort()
    if x.shape[1] == 7:
        raise RuntimeError(f"odd {x.shape}")
    other_way_round = None if momentum is None else 1 - momentum
    return numpy_kernel.batch_norm(x, *args, momentum=other_way_round, **kwargs)
"""
NAME = "wrong.py:batch_norm"

#: What has to be the same however a campaign came to where it is.
_LASTING = {
    "blocks done": "SELECT name, frontier FROM backends",
    "beyond": "SELECT backend, block FROM blocks WHERE done",
    "counts": "SELECT * FROM counts",
    "figures": "SELECT * FROM figures",
    "samples": "SELECT * FROM samples",
    "shrunk": "SELECT * FROM shrunk",
}


def command(*arguments: str | Path) -> list[str]:
    """Return the command that fuzzes with these arguments."""
    return [sys.executable, "-m", "bnparity", "fuzz", *map(str, arguments)]


def fuzz(folder: Path, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run a session in `folder` to its end."""
    return subprocess.run(
        command(*arguments), cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )


@contextmanager
def fuzzing(folder: Path, *arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
    """Give a session that is at work in `folder`."""
    with subprocess.Popen(
        command(*arguments),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heed_interrupts,  # noqa: PLW1509  # no thread is there yet
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def contents(state: Path) -> dict[str, list[Any]]:
    """Return all that a state has counted and kept."""
    with closing(sqlite3.connect(state / FILE)) as connection:
        return {
            name: sorted(connection.execute(query).fetchall(), key=repr)
            for name, query in _LASTING.items()
        }


def jobs_of(process_id: int) -> list[int]:
    """Return the jobs that a session has started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(")")[2].split()[1])
            words = status.with_name("cmdline").read_bytes()
        except OSError:
            continue  # it has ended meanwhile
        if parent == process_id and b"bnparity.sessions.campaign.job" in words:
            found.append(int(status.parent.name))
    return found


def kill_all(process: "subprocess.Popen[str]") -> None:
    """Kill a session and its jobs, as suddenly as it can be done."""
    jobs = jobs_of(process.pid)
    process.kill()
    for job in jobs:
        os.kill(job, signal.SIGKILL)
    process.wait()
