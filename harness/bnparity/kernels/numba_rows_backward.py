"""Gradients of contiguous data ``(M, K)``: sums of each channel first, then the rest.

As in `bnparity.kernels.numba_rows` a channel is `run` columns in a row; what the steps need of it
are the last rows of `bnparity.kernels.numba_channels`.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_formats import is_double, vector, widened
from bnparity.kernels.numba_moments import added, plus, shifted, whole
from bnparity.kernels.numba_rows import SUMMED, cut, filled, fold, piece, spread, together
from bnparity.kernels.numba_vectors import add_products, scale
from bnparity.kernels.numba_vectors import propagate as propagate_rows

Array = NDArray[Any]


@njit(cache=True)
def _add(
    grad: Array, x: Array, first: int, last: int, left: int, columns: int, sums: Array
) -> None:
    """Add some rows to the sums of columns: mean, sum of gradients, and of them times distances."""
    data, width, times = (
        (grad.reshape(x.size), x.reshape(x.size)),
        x.shape[1],
        sums.shape[1] // columns,
    )
    at, many = first * width + left, (last - first) // times
    add_products(data, at, width * times, many, SUMMED, sums, sums.shape[1])
    at += many * times * width
    add_products(data, at, width, last - first - many * times, SUMMED, sums, columns)


@njit(cache=True, error_model="numpy")
def _add_doubles(grad: Array, row: Array, sums: Array, lost: Array) -> None:
    """Add a row, and to what the sums have lost to rounding."""
    for k in range(row.size):
        g = np.float64(widened(grad[k]))
        term = g * (np.float64(widened(row[k])) - sums[0, k])
        sums[1, k], lost[0, k] = plus(sums[1, k], lost[0, k], g)
        sums[2, k], lost[1, k] = plus(sums[2, k], lost[1, k], term)


@njit(cache=True, error_model="numpy")
def _sums(
    grad: Array,
    x: Array,
    run: int,
    rows: tuple[int, int],
    start: int,
    end: int,
    per_channel: Array,
    sums: Array,
) -> None:
    """Fill the sums, (2, C), of the channels of `grad`, and of it times the normalised data."""
    columns, of = (end - start) * run, slice(start * run, end * run)
    times = 1 if is_double(x[0, 0]) else together(x, columns, rows[1] - rows[0])
    found, lost = np.zeros((3, columns * times)), np.zeros((2, columns))
    spread(per_channel[0], run, start, end, found[0])
    if is_double(x[0, 0]):
        for r in range(rows[0], rows[1]):
            _add_doubles(grad[r, of], x[r, of], found, lost)
    else:
        _add(grad, x, rows[0], rows[1], start * run, columns, found)
    fold(found, columns)
    for c in range(start, end):
        a = b = more = gone = 0.0
        for k in range((c - start) * run, (c - start + 1) * run):
            if is_double(x[0, 0]):
                a, more = plus(a, more + lost[0, k], found[1, k])
                b, gone = plus(b, gone + lost[1, k], found[2, k])
            else:
                a += found[1, k]
                b += found[2, k]
        sums[0, c], sums[1, c] = whole(a, more), whole(b, gone) * per_channel[1, c]


@njit(cache=True, parallel=True, error_model="numpy")
def sums_in_threads(grad: Array, x: Array, run: int, per_channel: Array, sums: Array) -> None:
    """Do what `sums_alone` does, with as many threads as Numba has."""
    parts, tiles = cut(x, run)
    found = np.zeros((parts, 2, x.shape[1] // run))
    for task in prange(parts * tiles):
        part, first, last, start, end = piece(x, run, task)
        _sums(grad, x, run, (first, last), start, end, per_channel, found[part])
    added(found, sums)


@njit(cache=True, error_model="numpy")
def sums_alone(grad: Array, x: Array, run: int, per_channel: Array, sums: Array) -> None:
    """Fill the sums, (2, C) in float64, behind the gradients, without other threads."""
    _sums(grad, x, run, (0, x.shape[0]), 0, x.shape[1] // run, per_channel, sums)


@njit(cache=True, error_model="numpy")
def _propagate(
    grad: Array,
    x: Array,
    out: Array,
    run: int,
    rows: tuple[int, int],
    start: int,
    end: int,
    per_channel: Array,
    through: bool,
) -> None:
    columns, like, share = (end - start) * run, x[0, 0], np.empty(end)
    for c in range(start, end):
        slope = per_channel[1, c] * per_channel[4, c]
        share[c] = shifted(per_channel[3, c], per_channel[0, c], slope, like)
    times = together(x, columns, rows[1] - rows[0])
    by = vector((5, columns * times), like)
    for k in range(5):
        spread(share if k == 3 else per_channel[k], run, start, end, by[k])
    g, data, target = grad.reshape(x.size), x.reshape(x.size), out.reshape(x.size)
    width, many = x.shape[1], (rows[1] - rows[0]) // times
    at, left = rows[0] * width + start * run, rows[1] - rows[0] - many * times
    behind = at + many * times * width
    deep = filled(data)
    if through:
        propagate_rows((g, data, target), at, width * times, many, deep, by, columns * times)
        propagate_rows((g, data, target), behind, width, left, deep, by, columns)
    else:
        # The gradient times the gain alone: nothing is added to it, to the sign of a zero.
        by[0], by[1], by[2] = 0.0, by[2], -0.0
        scale((g, target), at, width * times, many, deep, by, columns * times)
        scale((g, target), behind, width, left, deep, by, columns)


@njit(cache=True, error_model="numpy")
def propagate(
    grad: Array, x: Array, out: Array, run: int, per_channel: Array, through: bool
) -> None:
    """Fill the gradient by the data, without other threads.

    `through` says whether the statistics are the data's own.
    """
    rows, channels = (0, x.shape[0]), x.shape[1] // run
    _propagate(grad, x, out, run, rows, 0, channels, per_channel, through)


@njit(cache=True, parallel=True, error_model="numpy")
def propagate_in_threads(
    grad: Array, x: Array, out: Array, run: int, per_channel: Array, through: bool
) -> None:
    """Do what `propagate` does, with as many threads as Numba has."""
    parts, tiles = cut(x, run)
    for task in prange(parts * tiles):
        # Backwards: what was summed last is still in cache.
        _, first, last, start, end = piece(x, run, parts * tiles - 1 - task)
        _propagate(grad, x, out, run, (first, last), start, end, per_channel, through)
