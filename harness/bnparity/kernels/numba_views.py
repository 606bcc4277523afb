"""How loops see an array, where it lies and never a copy, and the pieces in which they take it.

Rows are ``(M, C, R)``, contiguous: R values behind a channel, one where channels come last. Planes
are ``(N, C, D, H, W)``. A unit is a vector of a channel's values: the R of a row, or up to `BLOCK`
of a W. Data are cut by their shape alone, so that sums are the same for any number of threads.
"""

from math import prod
from typing import Any

import numba
from numba import njit

from bnparity.backends import Array
from bnparity.kernels.numba_formats import stored

#: Some channels, and some units of each: the first, and the one behind the last.
Piece = tuple[int, int, int, int]

#: Fewer values than this behind a channel make rows; the most values of a unit.
SHORT, BLOCK = 64, 4096
#: Up to so many values a call is over before other threads have heard of it.
ALONE = 1 << 15
#: Bytes that a group of channels has in a row, at least: shorter runs of memory take longer. What
#: each channel of planes is cut into where there are fewer channels than that.
RUN, PARTS = 1 << 17, 16
#: Columns of a group of rows; rows of a part, at least; values of a task, at least, and tasks that
#: are enough.
TILE, ROWS, TASK, TASKS = 512, 64, 1 << 17, 16


def views(*arrays: Array) -> list[Array]:
    """Return each of `arrays`, of one shape ``(N, C, *spatial)``, as rows or planes of its bits.

    If all are contiguous, all that lies behind a channel is R or W.
    """
    bits, shape = [stored(array) for array in arrays], arrays[0].shape
    if all(array.flags.c_contiguous for array in bits):
        behind = prod(shape[2:])
        seen = (*shape[:2], behind) if behind < SHORT else (*shape[:2], 1, 1, behind)
        return [array.reshape(seen) for array in bits]
    last = [array.transpose(0, *range(2, array.ndim), 1) for array in bits]
    if all(array.flags.c_contiguous for array in last):
        return [array.reshape(-1, shape[1], 1) for array in last]
    return [array.reshape(*shape[:2], *(1,) * (5 - len(shape)), *shape[2:]) for array in bits]


def cut(*seen: Array) -> tuple[int, int]:
    """Return how many groups channels are taken in, and the parts that units are cut into.

    One of each is for a single thread: little data, and planes with gaps between them.
    """
    x, channels = seen[0], seen[0].shape[1]
    if x.size <= ALONE or not all(array.flags.c_contiguous for array in seen):
        return 1, 1
    if x.ndim == 3:
        rows, _, run = x.shape
        tasks = max(1, min(TASKS, x.size // TASK))
        width = TILE if rows >= ROWS else max(1, min(TILE, channels * run // tasks))
        groups = -(-channels // max(1, width // run))
        return groups, max(1, min(rows // ROWS, -(-tasks // groups)))
    if channels < PARTS:
        return channels, PARTS
    threads, wanted = numba.get_num_threads(), x.nbytes // x.shape[0] // RUN
    return min(channels, max(1, -(-wanted // threads)) * threads), 1


@njit(cache=True)
def whole(x: Array) -> Piece:
    """Return all channels, and all units of each."""
    units = x.shape[0]
    if x.ndim == 5:
        units *= x.shape[2] * x.shape[3] * -(-x.shape[4] // BLOCK)
    return 0, x.shape[1], 0, units


@njit(cache=True)
def piece(x: Array, groups: int, parts: int, task: Any) -> Piece:
    """Return what one of ``groups * parts`` tasks does."""
    part, group = divmod(task, groups)
    _, channels, _, units = whole(x)
    start, end = group * channels // groups, (group + 1) * channels // groups
    return start, end, part * units // parts, (part + 1) * units // parts


@njit(cache=True)
def unit(x: Array, c: int, u: int) -> Any:
    """Return the unit `u` of the channel `c`."""
    if x.ndim == 3:
        return x[u, c]
    if x.shape[2] * x.shape[3] == 1 and x.shape[4] <= BLOCK:
        return x[u, c, 0, 0]
    u, s = divmod(u, -(-x.shape[4] // BLOCK))
    u, h = divmod(u, x.shape[3])
    i, d = divmod(u, x.shape[2])
    return x[i, c, d, h, s * BLOCK : (s + 1) * BLOCK]
