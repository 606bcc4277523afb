"""How a command is told to end: by Ctrl-C, by who runs it, or by its terminal that closes."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

#: What asks a command to end, and lets it.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_by_interrupt() -> None:
    """Have each signal that asks this process to end do as Ctrl-C does; leave ignored ones."""
    for number in _SIGNALS[1:]:
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _interrupt)


@contextmanager
def until_told() -> Iterator[Callable[[], bool]]:
    """Give what says whether this process has been told to end; told again, it ends at once."""
    told: list[int] = []
    originals = {
        number: signal.getsignal(number)
        for number in _SIGNALS
        if number == signal.SIGINT or signal.getsignal(number) != signal.SIG_IGN
    }

    def note(number: int, _: FrameType | None) -> None:
        told.append(number)
        _let_go(number)
        restore()

    def restore() -> None:
        for number, original in originals.items():
            signal.signal(number, original)

    try:
        for number in originals:
            signal.signal(number, note)
        yield lambda: bool(told)
    finally:
        restore()


def _interrupt(number: int, _: FrameType | None) -> None:
    _let_go(number)
    raise KeyboardInterrupt


def _let_go(number: int) -> None:
    """Write no more to a terminal that has closed: reports are left to be written."""
    if number == signal.SIGHUP:
        for descriptor in (1, 2):
            with suppress(OSError):
                if os.isatty(descriptor):
                    silence(descriptor)


def silence(descriptor: int) -> None:
    """Have nobody hear what is written to a descriptor from now on."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, descriptor)
    os.close(nothing)
