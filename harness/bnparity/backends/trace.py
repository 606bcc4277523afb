"""Whose code a call runs: a backend that is the oracle, or another backend, proves nothing.

Like `bnparity.backends.call`, this runs in the backend's own interpreter.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

from bnparity.backends.names import BUILT_IN

_ORACLE = "bnparity_reference"
#: What calls a framework and computes nothing itself.
_LIBRARIES = "bnparity.backends.libraries."
#: Stands for a module where a call has had its own code looked at no more.
UNWATCHED = "sys.setprofile"


@cache
def _lenders(own: str) -> frozenset[str]:
    """Return the modules of built-in backends that compute something, but for a backend's own."""
    homes = {target.rpartition(":")[0] for target in BUILT_IN.values()} - {own}
    return frozenset(home for home in homes if not home.startswith(_LIBRARIES))


@contextmanager
def tracing(backend: object, *, asked: bool) -> Iterator[set[str]]:
    """Collect the modules of the oracle, and of other built-in backends, that `backend` runs.

    Python code of this thread is seen, and of threads that the call starts; `UNWATCHED` is
    collected if it puts an end to that. Without being `asked` for, nothing is, nor where a profiler
    watches already: there is room for one.
    """
    seen: set[str] = set()
    if not asked or sys.getprofile() is not None:
        yield seen
        return
    # A function has its own module; an object that is called has its class's.
    lenders = _lenders(str(getattr(backend, "__module__", "")))
    watching = True

    def note(frame: FrameType, event: str, _: Any) -> None:
        if not watching:  # a thread that goes on after the call, which began it
            sys.setprofile(None)
            return
        name = frame.f_globals.get("__name__", "") if event == "call" else ""
        if name in lenders or name.partition(".")[0] == _ORACLE:
            seen.add(name)

    sys.setprofile(note)
    threading.setprofile(note)
    try:
        yield seen
    finally:
        if sys.getprofile() is not note:
            seen.add(UNWATCHED)
        sys.setprofile(None)
        threading.setprofile(None)
        watching = False
