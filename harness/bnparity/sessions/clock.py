"""The time of a session, shared by the backends that are judged in it, several at a time."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from threading import Lock


@dataclass(kw_only=True)
class Clock:
    """When a session ends, and who is at work.

    ``left`` backends are to be judged by the `time.monotonic` of ``end``, ``slots`` at a time. If
    it is ``patient``, it ends later by as long as nobody was at work: all were getting ready then,
    which takes long once in a machine's life.
    """

    end: float
    left: int
    slots: int
    patient: bool
    _at_work: int = 0
    _idle_since: float = field(default_factory=time.monotonic)
    _lock: Lock = field(default_factory=Lock)

    @contextmanager
    def working(self) -> Iterator[float]:
        """Give the seconds that one backend may take, and note that somebody is at work."""
        with self._lock:
            now = time.monotonic()
            if self.patient and not self._at_work:
                self.end += now - self._idle_since
            self._at_work += 1
            rounds = ceil(self.left / self.slots)
            self.left -= 1
        try:
            yield (self.end - now) / rounds
        finally:
            with self._lock:
                self._at_work -= 1
                self._idle_since = time.monotonic()
