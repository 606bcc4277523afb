"""Memory that the harness and a worker share: arrays pass through it, copied once."""

import fcntl
import mmap
import os
import sys
import tempfile
from pathlib import Path

#: Bytes mapped at first; more is added when a message needs it.
_FIRST = 1 << 20


class Memory:
    """A file that lies in memory, mapped by both processes.

    This object closes the ``descriptor`` of the file in the end; None makes a new one.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self.descriptor = _new_file() if descriptor is None else descriptor
        self.map = self._mapped(_FIRST)
        self._older: list[mmap.mmap] = []

    def reach(self, size: int) -> None:
        """Map at least `size` bytes; arrays that lie in the old mapping stay what they are."""
        if size > len(self.map):
            self._older.append(self.map)
            self.map = self._mapped(max(size, 2 * len(self.map)))

    def is_lent(self) -> bool:
        """Return whether somebody still holds an array that lies in here."""
        mappings = [self.map, *self._older]
        self._older.clear()
        counts = map(sys.getrefcount, mappings)
        # The list and this call know each, and this object the newest: anything else is an array.
        return any(count > (2 if place else 3) for place, count in enumerate(counts))

    def close(self) -> None:
        """Close the file; the mapping goes when the last array in it does."""
        os.close(self.descriptor)

    def _mapped(self, size: int) -> mmap.mmap:
        if os.fstat(self.descriptor).st_size < size:
            os.ftruncate(self.descriptor, size)
        return mmap.mmap(self.descriptor, size)


def _new_file() -> int:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("bnparity", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        # A mapping of a file that has shrunk ends the process that reads it.
        fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_SEAL)
        return descriptor
    folder = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  # no name in it is ours
    with tempfile.TemporaryFile(dir=folder) as file:  # where there is no such call
        return os.dup(file.fileno())
