"""The end of a backend's time, which a call at hand does not outlast: compilers take their own."""

import time
from collections.abc import Callable

from bnparity.backends import LATE, Arrays, Ask, Opened, Reply, Settings

#: Seconds after the end of its time until a backend is asked no more, whatever for.
GRACE = 3.0


def ending(backend: Opened, ask: Ask, end: float) -> Ask:
    """Return what asks a backend by `ask` until `GRACE` after the `time.monotonic` of `end`.

    The call at hand is cut short then, where it is another process that makes it.
    """
    last = end + GRACE
    backend.end_by(last)

    def ask_in_time(
        arrays: Arrays, settings: Settings, meanwhile: Callable[[], object] = lambda: None
    ) -> Reply:
        if time.monotonic() >= last:
            return Reply(outputs={}, fault=LATE)
        return ask(arrays, settings, meanwhile)

    return ask_in_time
