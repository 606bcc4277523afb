"""The process in which loops are compiled, and kept on disk. It ends with the one that began it."""

import os
import sys
from importlib import import_module
from threading import Thread


def main() -> None:
    """Compile the loops, and end this process; before that if its standard input ends."""
    Thread(target=_end_with_input, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(10)
    import_module("bnparity_reference.compiled.loops")
    os._exit(0)  # the thread is still reading


def _end_with_input() -> None:
    os.read(sys.stdin.fileno(), 1)
    os._exit(1)
