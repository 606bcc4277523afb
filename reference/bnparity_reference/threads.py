"""Work on channels that goes on side by side: NumPy and compiled loops let other threads run."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
S = TypeVar("S")

#: Values from which on more than one thread pays.
MANY = 2**16


def parts_of(channels: int, n: int, most: int) -> list[slice]:
    """Return channels of n values in parts of at most so many values; one is a part always."""
    step = max(1, most // max(n, 1))
    return [slice(start, start + step) for start in range(0, channels, step)]


def at_once(work: Callable[[S], T], pieces: Sequence[S]) -> list[T]:
    """Return what work makes of each piece, as many at a time as there are processors."""
    if len(pieces) < 2:
        return [work(piece) for piece in pieces]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, pieces))
