"""Who is at work on a campaign, and who has died: a lock that its owner's death releases.

Each process that claims blocks has a number, and holds a lock on the byte of that number in a file
of the state directory. The system releases it when the process ends, however it ends; nothing is
guessed from ids of processes, which are used again, or from clocks.
"""

import fcntl
import os
from functools import cached_property
from pathlib import Path


class Locks:
    """The lock file of a state directory, in a process that has at most one number.

    A process sees its own locks as free, and loses all of them when it closes the file: it may
    have one such object that owns a number.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _file(self) -> int:
        return os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)

    def become(self, number: int) -> None:
        """Hold the lock of `number` until this process ends or calls `leave`."""
        fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)

    def lives(self, number: int) -> bool:
        """Return whether another process holds the lock of `number`."""
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, number)
        except OSError:
            return True
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, number)
        return False

    def leave(self) -> None:
        """Release every lock of this process."""
        if "_file" in vars(self):
            os.close(vars(self).pop("_file"))
