"""The process in which loops are compiled, and kept on disk. It ends with the one that began it."""

import os
import sys
from threading import Thread


def _end_with_parent() -> None:
    """End this process when its standard input does, which is the other's."""
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)


def _main() -> None:
    Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)
    import bnparity_reference.compiled.loops  # noqa: F401  # to import it compiles it

    os._exit(0)  # the thread is still reading


_main()
