"""Streams that do not fail: who has stopped to read changes no verdict, and no report."""

import sys
from errno import EPIPE
from io import BufferedWriter, FileIO, TextIOWrapper

from bnparity.frontends.commands.ending import silence

#: The descriptor on which nothing can be said of itself.
_STDERR = 2


class _Heard(FileIO):
    """A descriptor to which nothing more is written once it has failed."""

    def write(self, data: object, /) -> int:
        try:
            return super().write(data)  # type: ignore[arg-type]  # bytes, or like bytes
        except OSError as error:
            silence(self.fileno())
            if error.errno != EPIPE and self.fileno() != _STDERR:
                print(f"bnparity: not printed ({error.strerror})", file=sys.stderr)
            return memoryview(data).nbytes  # type: ignore[arg-type]


def heard(stream: TextIOWrapper) -> TextIOWrapper:
    """Return a stream to where `stream` goes; what it has no letters for is replaced."""
    stream.flush()
    raw = _Heard(stream.fileno(), "w", closefd=False)
    return TextIOWrapper(
        BufferedWriter(raw),
        encoding=stream.encoding,
        errors="replace",  # a table is no reason to fail
        line_buffering=stream.line_buffering,
    )
