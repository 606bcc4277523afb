"""What a worker's process prints: its end is kept, for whoever asks what it has said."""

import fcntl
import os
import tempfile

from bnparity.backends.worker.answers import printable

#: What a process prints is kept for its last words, and thrown away beyond so many bytes.
_MOST = 1 << 20
#: Characters that are told of what one call printed: the last ones.
_MOST_PRINTED = 2000


class Noise:
    """A file that has no name, to which all that a process writes is appended.

    An OSError if there is no place for it.
    """

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `close`
        flags = fcntl.fcntl(self._file, fcntl.F_GETFL)
        fcntl.fcntl(self._file, fcntl.F_SETFL, flags | os.O_APPEND)

    def fileno(self) -> int:
        """Return the descriptor that a process writes to."""
        return self._file.fileno()

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return os.fstat(self.fileno()).st_size

    def since(self, before: int) -> str:
        """Return the end of what was written beyond so many bytes; too much is thrown away."""
        size = self.size
        length = min(max(size - before, 0), 4 * _MOST_PRINTED)
        text = os.pread(self.fileno(), length, size - length).decode(errors="replace")
        if size > _MOST:
            self._file.truncate(0)
        return printable(text[-_MOST_PRINTED:]).strip("\n")

    def last_line(self) -> str:
        """Return the last line that was written."""
        size = self.size
        length = min(size, 4096)
        text = os.pread(self.fileno(), length, size - length).decode(errors="replace")
        lines = text.strip().splitlines()
        return lines[-1] if lines else "it printed nothing"

    def close(self) -> None:
        """Throw away what was written."""
        self._file.close()
