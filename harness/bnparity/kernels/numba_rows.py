"""Loops over contiguous data ``(M, K)``, the lanes of which are columns: channels last, or in runs.

A channel is `run` columns in a row: one where channels come last; all that lies behind a channel
where that is so little that a loop over it would be over before it began. Few columns are taken
several rows at a time, many are cut into tiles, and rows into parts, as data are enough for tasks.
All by the shape alone: the result is the same for any number of threads.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_channels import BIAS, GAIN, MEAN, VAR, settle
from bnparity.kernels.numba_formats import is_double, vector, widened, working
from bnparity.kernels.numba_moments import (
    BLOCK,
    joined,
    merged,
    near,
    of_task,
    plus,
    shifted,
    whole,
)
from bnparity.kernels.numba_vectors import add_moments, scale

Array = NDArray[Any]

#: Columns that make a row long, and of a tile; rows of a part, at least; values of a task, at
#: least, and tasks that are enough.
LONG, TILE, ROWS, TASK, TASKS = 64, 512, 64, 1 << 17, 16
#: Rows of which some columns are summed at once, or filled while data of that size are in a cache:
#: memory beyond it wants to be written in its order.
SUMMED, FILLED, CACHED = 16, 4, 1 << 21


@njit(cache=True)
def filled(flat: Array) -> int:
    """Return how many rows some columns are filled of at once."""
    return FILLED if flat.size <= CACHED else 1


@njit(cache=True)
def cut(x: Array, run: int) -> tuple[int, int]:
    """Return the parts into which rows are cut, and the tiles of channels."""
    tasks, columns = max(1, min(TASKS, x.size // TASK)), x.shape[1]
    width = TILE if x.shape[0] >= ROWS else max(1, min(TILE, columns // tasks))
    tiles = -(-(columns // run) // max(1, width // run))
    return max(1, min(x.shape[0] // ROWS, -(-tasks // tiles))), tiles


@njit(cache=True)
def piece(x: Array, run: int, task: int) -> tuple[int, int, int, int, int]:
    """Return the part of a task, its first and last row, and its first and last channel."""
    parts, tiles = cut(x, run)
    part, tile = of_task(task, tiles)
    channels, rows = x.shape[1] // run, x.shape[0]
    start, end = tile * channels // tiles, (tile + 1) * channels // tiles
    return part, part * rows // parts, (part + 1) * rows // parts, start, end


@njit(cache=True)
def together(x: Array, columns: int, rows: int) -> int:
    """Return how many rows make a loop long enough: of all columns they lie one behind another.

    It is a power of two, so that few values are left over behind the last vector.
    """
    times = 1
    while columns == x.shape[1] and columns * times < LONG and times * 8 <= rows:
        times *= 2
    return times


@njit(cache=True)
def spread(values: Array, run: int, start: int, end: int, found: Array) -> None:
    """Fill a row with a value a column for some channels, over and over."""
    columns = (end - start) * run
    for c in range(start, end):
        value = working(values[c], found[0])
        for k in range((c - start) * run, (c - start + 1) * run):
            found[k] = value
    for k in range(columns, found.size):
        found[k] = found[k - columns]


@njit(cache=True)
def fold(sums: Array, columns: int) -> None:
    """Add the sums of columns that stand for the same one to those of the first: ``(3, L)``."""
    for row in range(1, 3):
        for k in range(columns, sums.shape[1]):
            sums[row, k % columns] += sums[row, k]


@njit(cache=True)
def _add(x: Array, first: int, last: int, left: int, columns: int, sums: Array) -> None:
    """Add some rows to the sums of columns: shift, sum of distances from it, and of squares."""
    flat, width, times = x.reshape(x.size), x.shape[1], sums.shape[1] // columns
    at, many = first * width + left, (last - first) // times
    add_moments((flat,), at, width * times, many, SUMMED, sums, sums.shape[1])
    at += many * times * width
    add_moments((flat,), at, width, last - first - many * times, SUMMED, sums, columns)


@njit(cache=True, error_model="numpy")
def _moments(
    x: Array, run: int, first: int, last: int, start: int, end: int, mean: Array, m2: Array
) -> None:
    """Fill the moments of the channels from `start` to `end` over some rows."""
    if is_double(x[0, 0]):
        _moments_of_doubles(x, run, first, last, start, end, mean, m2)
        return
    columns, left, block = (end - start) * run, start * run, max(4, BLOCK // run)
    times = together(x, columns, min(block, last - first))
    sums, shift = np.empty((3, columns * times)), np.empty(end)
    for r in range(first, last, block):
        stop = min(r + block, last)
        for c in range(start, end):
            shift[c] = near(widened(x[r, c * run]))
        spread(shift, run, start, end, sums[0])
        for k in range(columns * times):
            sums[1, k] = sums[2, k] = 0.0
        _add(x, r, stop, left, columns, sums)
        fold(sums, columns)
        before, n = float((r - first) * run), float((stop - r) * run)
        for c in range(start, end):
            a = b = 0.0
            for k in range((c - start) * run, (c - start + 1) * run):
                a += sums[1, k]
                b += sums[2, k]
            _, mean[c], m2[c] = joined(before, mean[c], m2[c], n, sums[0, (c - start) * run], a, b)


@njit(cache=True, error_model="numpy")
def _moments_of_doubles(
    x: Array, run: int, first: int, last: int, start: int, end: int, mean: Array, m2: Array
) -> None:
    """Do the same in two passes, with compensated sums."""
    for c in range(start, end):
        total = lost = rest = 0.0
        n = (last - first) * run
        for r in range(first, last):
            for k in range(c * run, (c + 1) * run):
                total, lost = plus(total, lost, np.float64(widened(x[r, k])))
        mean[c] = whole(total, lost) / n
        total = lost = 0.0
        for r in range(first, last):
            for k in range(c * run, (c + 1) * run):
                d = np.float64(widened(x[r, k])) - mean[c]
                rest += d
                total, lost = plus(total, lost, d * d)
        # What the rounding of the mean left over: Chan, Golub and LeVeque's corrected two-pass.
        m2[c] = whole(total, lost) - rest * (rest / n)


@njit(cache=True, parallel=True, error_model="numpy")
def moments_in_threads(x: Array, run: int, table: Array) -> None:
    """Fill mean and biased variance of each channel."""
    parts, tiles = cut(x, run)
    channels = x.shape[1] // run
    means, squares = np.empty((parts, channels)), np.empty((parts, channels))
    for task in prange(parts * tiles):
        part, first, last, start, end = piece(x, run, task)
        _moments(x, run, first, last, start, end, means[part], squares[part])
    if parts == 1:
        for c in range(channels):
            table[MEAN, c], table[VAR, c] = means[0, c], squares[0, c] / (x.shape[0] * run)
        return
    counts = np.empty((parts, channels))
    for p in range(parts):
        for c in range(channels):
            counts[p, c] = ((p + 1) * x.shape[0] // parts - p * x.shape[0] // parts) * run
    for c in range(channels):
        table[MEAN, c], table[VAR, c] = merged(counts, means, squares, c)


@njit(cache=True, error_model="numpy")
def _apply(
    x: Array, out: Array, run: int, rows: tuple[int, int], start: int, end: int, table: Array
) -> None:
    columns, like, offset = (end - start) * run, x[0, 0], np.empty(end)
    for c in range(start, end):
        offset[c] = shifted(table[BIAS, c], table[MEAN, c], table[GAIN, c], like)
    times = together(x, columns, rows[1] - rows[0])
    by = vector((3, columns * times), like)
    spread(table[MEAN], run, start, end, by[0])
    spread(table[GAIN], run, start, end, by[1])
    spread(offset, run, start, end, by[2])
    flat, target, width = x.reshape(x.size), out.reshape(x.size), x.shape[1]
    at, many = rows[0] * width + start * run, (rows[1] - rows[0]) // times
    deep = filled(flat)
    scale((flat, target), at, width * times, many, deep, by, columns * times)
    at, left = at + many * times * width, rows[1] - rows[0] - many * times
    scale((flat, target), at, width, left, deep, by, columns)


@njit(cache=True, error_model="numpy")
def train(x: Array, out: Array, run: int, table: Array, eps: float) -> None:
    """Fill output, mean and biased variance, without other threads."""
    rows, channels = x.shape[0], x.shape[1] // run
    _moments(x, run, 0, rows, 0, channels, table[MEAN], table[VAR])
    for c in range(channels):
        table[VAR, c] /= rows * run
    settle(table, 0, channels, eps)
    _apply(x, out, run, (0, rows), 0, channels, table)


@njit(cache=True, error_model="numpy")
def apply(x: Array, out: Array, run: int, table: Array) -> None:
    """Fill ``(x - mean) * gain + bias``, without other threads."""
    _apply(x, out, run, (0, x.shape[0]), 0, x.shape[1] // run, table)


@njit(cache=True, parallel=True, error_model="numpy")
def apply_in_threads(x: Array, out: Array, run: int, table: Array) -> None:
    """Do what `apply` does, with as many threads as Numba has."""
    parts, tiles = cut(x, run)
    for task in prange(parts * tiles):
        # Backwards: what was summed last is still in cache.
        _, first, last, start, end = piece(x, run, parts * tiles - 1 - task)
        _apply(x, out, run, (first, last), start, end, table)
