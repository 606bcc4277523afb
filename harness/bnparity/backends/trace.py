"""Whose code a call runs: a backend that is the oracle, or another backend, proves nothing.

Like `bnparity.backends.call`, this runs in the backend's own interpreter.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from bnparity.backends.names import BUILT_IN

_ORACLE = "bnparity_reference"
#: What calls a framework and computes nothing itself.
_LIBRARIES = "bnparity.backends.libraries."


@contextmanager
def tracing(backend: object, *, asked: bool) -> Iterator[set[str]]:
    """Collect the modules of the oracle, and of other built-in backends, that `backend` runs.

    Only Python code of this thread is seen. Without being `asked` for, nothing is, nor where a
    profiler watches already: there is room for one.
    """
    seen: set[str] = set()
    if not asked or sys.getprofile() is not None:
        yield seen
        return
    # A function has its own module; an object that is called has its class's.
    own = str(getattr(backend, "__module__", ""))
    homes = {target.rpartition(":")[0] for target in BUILT_IN.values()} - {own}
    lenders = {home for home in homes if not home.startswith(_LIBRARIES)}

    def note(frame: FrameType, event: str, _: Any) -> None:
        name = frame.f_globals.get("__name__", "") if event == "call" else ""
        if name in lenders or name.partition(".")[0] == _ORACLE:
            seen.add(name)

    sys.setprofile(note)
    try:
        yield seen
    finally:
        sys.setprofile(None)
