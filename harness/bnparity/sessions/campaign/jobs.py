"""The jobs of a session as their parent sees them: started, traced, replaced, stopped."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
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


@dataclass(kw_only=True)
class Jobs:
    """Processes at work on the state in `folder`: `count` at a time, each with the same `task`."""

    folder: Path
    task: Task
    count: int
    deaths: int = 0
    _running: list["subprocess.Popen[bytes]"] = field(default_factory=list)
    _said: IO[bytes] = field(default_factory=tempfile.TemporaryFile)

    def run(self, look: Callable[[], None]) -> None:
        """Run the jobs until all are done; `look` is called now and then.

        A `UsageError` if a job says that it cannot go on, or if too many die.
        """
        end = time.monotonic() + self.task.seconds
        try:
            self._running = [self._started(self.task) for _ in range(self.count)]
            while self._running:
                time.sleep(_INTERVAL)
                look()
                for job in [job for job in self._running if job.poll() is not None]:
                    self._running.remove(job)
                    if job.returncode != 0:
                        self._note_death(job.returncode)
                        left = max(end - time.monotonic(), 0.0)
                        self._running.append(self._started(replace(self.task, seconds=left)))
        finally:
            self._stop()

    def _started(self, task: Task) -> "subprocess.Popen[bytes]":
        words = (str(self.folder.absolute()), json.dumps(asdict(task)))
        return subprocess.Popen(
            [sys.executable, "-m", "bnparity.sessions.campaign.job", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._said,
            start_new_session=True,  # Ctrl-C is for the parent, which lets them end in order
        )

    def _note_death(self, code: int) -> None:
        self.deaths += 1
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").strip().splitlines()
        words = lines[-1] if lines else "it said nothing"
        if code == USAGE_ERROR:
            raise UsageError(words)
        if self.deaths > MOST_DEATHS:
            raise UsageError(f"{self.deaths} jobs have died, the last with code {code}: {words}")

    def _stop(self) -> None:
        for job in self._running:
            job.terminate()
        for job in self._running:
            try:
                job.wait(_END_SECONDS)
            except subprocess.TimeoutExpired:
                job.kill()
                job.wait()
        self._said.close()
