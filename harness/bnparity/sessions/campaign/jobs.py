"""The jobs of a session as their parent sees them: started, watched, replaced, stopped."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO

from bnparity.backends import UsageError
from bnparity.sessions.campaign.job import USAGE_ERROR, Task

#: How many jobs may die in a session before it ends: one that is killed is replaced.
MOST_DEATHS = 20
#: Seconds between two looks at the jobs.
_INTERVAL = 0.2
#: Seconds that a job may take to end when it is asked to.
_END_SECONDS = 5.0


def run_jobs(folder: Path, task: Task, count: int, look: Callable[[], None]) -> None:
    """Have `count` processes do `task` on the state in `folder`; `look` is called now and then.

    A `UsageError` if a job says that it cannot go on, or if too many die.
    """
    end, deaths = time.monotonic() + task.seconds, 0
    running: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryFile() as said:
        try:
            running += [_started(folder, task, said) for _ in range(count)]
            while running:
                time.sleep(_INTERVAL)
                look()
                if time.monotonic() > end:
                    _end_stopped(running)
                for job in [job for job in running if job.poll() is not None]:
                    running.remove(job)
                    _let_go(job)
                    if time.monotonic() > end and job.returncode == -signal.SIGKILL:
                        continue  # its block is drawn by the next session
                    if job.returncode != 0:
                        deaths += 1
                        _look_into(deaths, job.returncode, said)
                        left = max(end - time.monotonic(), 0.0)
                        running.append(_started(folder, replace(task, seconds=left), said))
        finally:
            _stop(running)


def _started(folder: Path, task: Task, said: IO[bytes]) -> "subprocess.Popen[bytes]":
    words = (str(folder.absolute()), json.dumps(asdict(task)))
    return subprocess.Popen(
        [sys.executable, "-m", "bnparity.sessions.campaign.job", *words],
        stdin=subprocess.PIPE,  # which closes when this process ends
        stdout=subprocess.DEVNULL,
        stderr=said,
        start_new_session=True,  # Ctrl-C is for the parent, which lets them end in order
    )


def _look_into(deaths: int, code: int, said: IO[bytes]) -> None:
    """Raise what the last job to die has said, if it cannot be replaced."""
    said.seek(0)
    lines = said.read().decode(errors="replace").strip().splitlines()
    words = lines[-1] if lines else "it said nothing"
    if code == USAGE_ERROR:
        raise UsageError(words)
    if deaths > MOST_DEATHS:
        raise UsageError(f"{deaths} jobs have died, the last with code {code}: {words}")


def _stop(running: Sequence["subprocess.Popen[bytes]"]) -> None:
    for job in running:
        job.terminate()
    for job in running:
        try:
            job.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            job.kill()
            job.wait()
        _let_go(job)


def _let_go(job: "subprocess.Popen[bytes]") -> None:
    assert job.stdin is not None
    job.stdin.close()


def _end_stopped(running: Sequence["subprocess.Popen[bytes]"]) -> None:
    """Kill the jobs that somebody has stopped: they would not notice that their time is over."""
    for job in running:
        with suppress(ChildProcessError):  # it has just ended
            if os.waitid(os.P_PID, job.pid, os.WSTOPPED | os.WNOHANG | os.WNOWAIT):
                job.kill()
