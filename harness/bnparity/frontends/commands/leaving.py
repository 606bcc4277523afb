"""Ctrl-C before there is a command: this imports next to nothing, so that it is heard early."""

import os
import signal

#: The exit code of what was interrupted.
_INTERRUPTED = 130


class LeavingAtOnce:
    """A context in which Ctrl-C ends this process at once, with one line.

    Modules that are half imported may take an exception for one of their own. Who has been told to
    ignore Ctrl-C, or does something else then, goes on doing so.
    """

    def __enter__(self) -> None:
        self._before = signal.getsignal(signal.SIGINT)
        if self._before is signal.default_int_handler:
            _handle(leave)

    def __exit__(self, *_: object) -> None:
        if self._before is signal.default_int_handler:
            _handle(self._before)


def leave(*_: object) -> None:
    """End at once."""
    os.write(2, b"bnparity: interrupted\n")
    os._exit(_INTERRUPTED)


def _handle(handler: "signal._HANDLER") -> None:
    try:
        signal.signal(signal.SIGINT, handler)
    except ValueError:
        return  # no thread but the main one hears of signals
