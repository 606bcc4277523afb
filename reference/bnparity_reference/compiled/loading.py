"""When the compiled loops are in use: where Numba is, and once that pays.

To import Numba takes as long as hundreds of answers, to compile as long as thousands. Neither is
done before passes in NumPy have taken `PATIENCE`; and what is not compiled yet is compiled by a
process of its own, which keeps it on disk, so that nobody waits for it. The bits are the same.
"""

import atexit
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType

import numpy as np

#: Set to 0, this variable keeps Numba out.
SWITCH = "BNPARITY_COMPILED"
#: Seconds of passes in NumPy after which loops are sought.
PATIENCE = 1.0

_PROGRAM = """import sys
sys.path.insert(0, sys.argv[1])
from bnparity_reference.compiled.compiler import main
main()"""


@dataclass(kw_only=True)
class Loading:
    """How far a process is on its way to loops; ``loops`` are None as long as there are none."""

    loops: ModuleType | None = None
    spent: float = 0.0
    over: bool = False
    compiler: "subprocess.Popen[bytes] | None" = None
    lock: Lock = field(default_factory=Lock)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Count the time of passes, and see whether there is something to be done after them."""
        if self.over:
            yield
            return
        begin = time.perf_counter()
        yield
        self.spent += time.perf_counter() - begin
        if self.spent > PATIENCE and self.lock.acquire(blocking=False):
            try:
                self._go_on()
            finally:
                self.lock.release()

    def load(self) -> None:
        """Have loops in use from now on, if there are any; it waits for what has to be compiled."""
        self.over = True
        if not is_possible():
            return
        with suppress(Exception):  # whatever is wrong with a Numba, there is another form
            loops = import_module("bnparity_reference.compiled.loops")
            self.loops = loops if _sums_as_numpy(loops) else None

    def _go_on(self) -> None:
        """Take the next step: have the loops compiled, and load them when that is done."""
        if self.over:
            return
        if self.compiler is None:
            self.compiler = _compiler() if is_possible() else None
            self.over = self.compiler is None
        elif self.compiler.poll() is not None:
            self.over = True
            if self.compiler.returncode == 0:
                self.load()


#: The one of this process, whose passes are everybody's.
LOADING = Loading()


def is_possible() -> bool:
    """Return whether Numba is installed and not kept out."""
    return os.environ.get(SWITCH) != "0" and find_spec("numba") is not None


def _compiler() -> "subprocess.Popen[bytes] | None":
    """Return a process that compiles, and ends with this one; None if there can be none."""
    try:
        process = subprocess.Popen(  # noqa: S603  # this interpreter, this package
            [sys.executable, "-c", _PROGRAM, str(Path(__file__).parents[2])],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
    atexit.register(_end, process)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.communicate()


def _sums_as_numpy(loops: ModuleType) -> bool:
    """Return whether loops add in the order of this NumPy, which is nobody's promise."""
    rng = np.random.default_rng(0)
    for n in (3, 100, 1000, 5000):
        terms, nothing = rng.standard_normal((2, n)), np.zeros((2, n))
        hi, lo = np.empty((2, 2, 1))
        numbers = (nothing, terms, True)
        loops.total(numbers, numbers, False, n.bit_length() + 1, hi, lo)
        if not np.array_equal(lo, np.add.reduce(terms, axis=1, keepdims=True)):
            return False
    return True
