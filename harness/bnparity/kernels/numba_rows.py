"""Loops over contiguous data ``(M, K)``, the lanes of which are columns: channels last, or in runs.

A channel is `run` columns in a row: one where channels come last, or where nothing lies behind
them; H * W where so little lies behind them that a loop over it would be over before it began. Rows
are cut into as many parts as there can be tasks, and channels into tiles whose sums stay in cache;
both by the shape alone, so that the result is the same for any number of threads.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_formats import is_double, narrowed, vector, widened, working
from bnparity.kernels.numba_moments import joined, merged, near, of_task, plus, whole

Array = NDArray[Any]

#: Columns of a tile, rows of a block, and tasks that are enough.
TILE, ROWS, TASKS = 512, 64, 16


@njit(cache=True)
def cut(x: Array, run: int) -> tuple[int, int, int]:
    """Return the parts into which rows are cut, tiles of channels, and channels of a tile."""
    channels = x.shape[1] // run
    width = max(1, min(TILE // run, -(-channels // TASKS) if x.shape[0] < ROWS else channels))
    tiles = -(-channels // width)
    return max(1, min(-(-x.shape[0] // ROWS), -(-TASKS // tiles))), tiles, width


@njit(cache=True)
def piece(x: Array, run: int, task: int) -> tuple[int, int, int, int, int]:
    """Return the part of a task, its first and last row, and its first and last channel."""
    parts, tiles, width = cut(x, run)
    part, tile = of_task(task, tiles)
    last = min((tile + 1) * width, x.shape[1] // run)
    return part, part * x.shape[0] // parts, (part + 1) * x.shape[0] // parts, tile * width, last


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _add(
    x: Array, first: int, last: int, left: int, shift: Array, total: Array, squares: Array
) -> None:
    """Add distances from `shift`, and their squares, to the sums of some columns."""
    right = left + shift.size
    quads = first + (last - first) // 4 * 4
    for r in range(first, quads, 4):
        row0, row1 = x[r, left:right], x[r + 1, left:right]
        row2, row3 = x[r + 2, left:right], x[r + 3, left:right]
        for k in range(shift.size):
            d0 = np.float64(widened(row0[k])) - shift[k]
            d1 = np.float64(widened(row1[k])) - shift[k]
            d2 = np.float64(widened(row2[k])) - shift[k]
            d3 = np.float64(widened(row3[k])) - shift[k]
            total[k] += (d0 + d1) + (d2 + d3)
            squares[k] += (d0 * d0 + d1 * d1) + (d2 * d2 + d3 * d3)
    for r in range(quads, last):
        row = x[r, left:right]
        for k in range(shift.size):
            d = np.float64(widened(row[k])) - shift[k]
            total[k] += d
            squares[k] += d * d


@njit(cache=True, error_model="numpy")
def _moments(
    x: Array, run: int, first: int, last: int, start: int, end: int, mean: Array, m2: Array
) -> None:
    """Fill the moments of the channels from `start` to `end` over some rows."""
    if is_double(x[0, 0]):
        _moments_of_doubles(x, run, first, last, start, end, mean, m2)
        return
    columns, left = (end - start) * run, start * run
    shift, total, squares = np.empty(columns), np.empty(columns), np.empty(columns)
    mean[start:end] = 0.0
    m2[start:end] = 0.0
    for r in range(first, last, ROWS):
        stop = min(r + ROWS, last)
        for k in range(columns):
            shift[k] = near(widened(x[r, left + k // run * run]))
            total[k] = squares[k] = 0.0
        _add(x, r, stop, left, shift, total, squares)
        for c in range(start, end):
            a = b = 0.0
            for k in range((c - start) * run, (c - start + 1) * run):
                a += total[k]
                b += squares[k]
            before, n = float((r - first) * run), float((stop - r) * run)
            about = shift[(c - start) * run]
            _, mean[c], m2[c] = joined(before, mean[c], m2[c], n, about, a, b)


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
def moments_in_threads(x: Array, run: int, mean: Array, var: Array) -> None:
    """Fill mean and biased variance, (C,) in float64, of each channel."""
    parts, tiles, _ = cut(x, run)
    channels = x.shape[1] // run
    means, squares = np.empty((parts, channels)), np.empty((parts, channels))
    for task in prange(parts * tiles):
        part, first, last, start, end = piece(x, run, task)
        _moments(x, run, first, last, start, end, means[part], squares[part])
    counts = np.empty(parts)
    for p in range(parts):
        counts[p] = ((p + 1) * x.shape[0] // parts - p * x.shape[0] // parts) * run
    for c in range(channels):
        mean[c], var[c] = merged(counts, means[:, c], squares[:, c])


@njit(cache=True, error_model="numpy")
def moments(x: Array, run: int, mean: Array, var: Array) -> None:
    """Fill mean and biased variance, (C,) in float64, without other threads."""
    channels = x.shape[1] // run
    _moments(x, run, 0, x.shape[0], 0, channels, mean, var)
    for c in range(channels):
        var[c] /= x.shape[0] * run


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _scale(row: Array, out: Array, high: Array, low: Array, gain: Array, bias: Array) -> None:
    for k in range(row.size):
        centred = (widened(row[k]) - high[k]) - low[k]
        out[k] = narrowed(centred * gain[k] + bias[k], out[k])


@njit(cache=True, error_model="numpy")
def _apply(
    x: Array,
    out: Array,
    run: int,
    rows: tuple[int, int],
    start: int,
    end: int,
    mean: Array,
    gain: Array,
    beta: Array,
) -> None:
    columns, left, like = (end - start) * run, start * run, x[0, 0]
    high, low = vector(columns, like), vector(columns, like)
    scale, offset = vector(columns, like), vector(columns, like)
    for c in range(start, end):
        h = working(mean[c], like)
        rest = mean[c] - h if np.isfinite(h) else 0.0
        for k in range((c - start) * run, (c - start + 1) * run):
            high[k], low[k], scale[k], offset[k] = h, rest, gain[c], beta[c]
    for r in range(rows[0], rows[1]):
        of = slice(left, left + columns)
        _scale(x[r, of], out[r, of], high, low, scale, offset)


@njit(cache=True, error_model="numpy")
def apply(x: Array, out: Array, run: int, mean: Array, gain: Array, beta: Array) -> None:
    """Fill ``(x - mean) * gain + beta``, without other threads."""
    _apply(x, out, run, (0, x.shape[0]), 0, x.shape[1] // run, mean, gain, beta)


@njit(cache=True, parallel=True, error_model="numpy")
def apply_in_threads(x: Array, out: Array, run: int, mean: Array, gain: Array, beta: Array) -> None:
    """Do what `apply` does, with as many threads as Numba has."""
    parts, tiles, _ = cut(x, run)
    for task in prange(parts * tiles):
        _, first, last, start, end = piece(x, run, task)
        _apply(x, out, run, (first, last), start, end, mean, gain, beta)
