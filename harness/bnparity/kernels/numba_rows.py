"""Loops over contiguous data ``(M, C, R)``, the lanes of which are columns, C times R of them.

A channel is R columns in a row: one where channels come last; all that lies behind a channel where
that is so little that a loop over it would be over before it began. Few columns are taken several
rows at a time. All by the shape alone: the result is the same for any number of threads.
"""

import numpy as np
from numba import njit

from bnparity.backends import Array
from bnparity.kernels import numba_vectors as vectors
from bnparity.kernels.numba_channels import BIAS, DATA_SHARE, GAIN, GRAD_SHARE, INVERSE, MEAN
from bnparity.kernels.numba_formats import is_double, vector, widened, working
from bnparity.kernels.numba_moments import joined, near, plus, shifted, whole
from bnparity.kernels.numba_views import BLOCK, Piece

#: Columns that make a row long.
LONG = 64
#: Rows of which some columns are summed at once, or filled while data of that size are in a cache:
#: memory beyond it wants to be written in its order.
SUMMED, FILLED, CACHED = 16, 4, 1 << 21


@njit(cache=True)
def _together(x: Array, of: Piece) -> int:
    """Return how many rows make a loop long enough: of all columns they lie one behind another.

    It is a power of two, so that few values are left over behind the last vector.
    """
    start, end, first, last = of
    times = 1
    while end - start == x.shape[1] and times * x[0].size < LONG and times * 8 <= last - first:
        times *= 2
    return times


@njit(cache=True)
def _place(x: Array, of: Piece) -> tuple[int, int, int, int]:
    """Return where a piece begins, the gap between its rows, their number, and its columns."""
    start, end, first, last = of
    width, run = x[0].size, x.shape[2]
    return first * width + start * run, width, last - first, (end - start) * run


@njit(cache=True)
def _spread(values: Array, x: Array, of: Piece, found: Array) -> None:
    """Fill a row with a value a column for the channels of a piece, over and over."""
    start, end, _, _ = of
    run, columns = x.shape[2], (end - start) * x.shape[2]
    for c in range(start, end):
        value = working(values[c], found[0])
        for k in range((c - start) * run, (c - start + 1) * run):
            found[k] = value
    for k in range(columns, found.size):
        found[k] = found[k - columns]


@njit(cache=True)
def _fold(sums: Array, columns: int) -> None:
    """Add the sums of columns that stand for the same one to those of the first: ``(3, L)``."""
    for row in range(1, 3):
        for k in range(columns, sums.shape[1]):
            sums[row, k % columns] += sums[row, k]


@njit(cache=True, error_model="numpy")
def moments(x: Array, of: Piece, mean: Array, m2: Array) -> float:
    """Fill the moments, (C,), of the channels of a piece; return how many values each has there."""
    start, end, first, last = of
    run = x.shape[2]
    block, columns = max(4, BLOCK // run), (end - start) * run
    times = _together(x, (start, end, first, min(first + block, last)))
    sums, shift = np.empty((3, columns * times)), np.empty(end)
    for r in range(first, last, block):
        stop = min(r + block, last)
        for c in range(start, end):
            shift[c] = near(widened(x[r, c, 0]))
        _spread(shift, x, of, sums[0])
        for k in range(columns * times):
            sums[1, k] = sums[2, k] = 0.0
        vectors.add_moments((x,), _place(x, (start, end, r, stop)), SUMMED, sums)
        _fold(sums, columns)
        before, n = float((r - first) * run), float((stop - r) * run)
        for c in range(start, end):
            a = b = 0.0
            for k in range((c - start) * run, (c - start + 1) * run):
                a += sums[1, k]
                b += sums[2, k]
            mean[c], m2[c] = joined(before, mean[c], m2[c], n, shift[c], a, b)
    return float((last - first) * run)


@njit(cache=True)
def _factors(x: Array, of: Piece, values: tuple[Array, ...]) -> Array:
    """Return values a channel, (C,) of each, as values a column, in the arithmetic of the data."""
    length = (of[1] - of[0]) * x.shape[2] * _together(x, of)
    by: Array = vector((len(values), length), x)
    for k in range(len(values)):
        _spread(values[k], x, of, by[k])
    return by


@njit(cache=True)
def _deep(x: Array) -> int:
    """Return how many rows some columns are filled of at once."""
    return FILLED if x.size <= CACHED else 1


@njit(cache=True, error_model="numpy")
def apply(x: Array, out: Array, of: Piece, table: Array) -> None:
    """Fill ``(x - mean) * gain + bias`` of a piece."""
    offset = np.empty(of[1])
    for c in range(of[0], of[1]):
        offset[c] = shifted(table[BIAS, c], table[MEAN, c], table[GAIN, c], x[0, 0, 0])
    by = _factors(x, of, (table[MEAN], table[GAIN], offset))
    vectors.scale((x, out), _place(x, of), _deep(x), by)


@njit(cache=True, error_model="numpy")
def _add_doubles(grad: Array, row: Array, sums: Array, lost: Array) -> None:
    """Add a row, and to what the sums have lost to rounding."""
    for k in range(row.size):
        g = np.float64(widened(grad[k]))
        term = g * (np.float64(widened(row[k])) - sums[0, k])
        sums[1, k], lost[0, k] = plus(sums[1, k], lost[0, k], g)
        sums[2, k], lost[1, k] = plus(sums[2, k], lost[1, k], term)


@njit(cache=True, error_model="numpy")
def add_up(grad: Array, x: Array, of: Piece, mean: Array, sums: Array) -> None:
    """Fill the sums, (2, C), of the gradient, and of it times the distances from the mean."""
    start, end, first, last = of
    run, columns = x.shape[2], (end - start) * x.shape[2]
    times = 1 if is_double(x) else _together(x, of)
    found, lost = np.zeros((3, columns * times)), np.zeros((2, columns))
    _spread(mean, x, of, found[0])
    if is_double(x):
        for r in range(first, last):
            gradients, row = grad[r, start:end].reshape(columns), x[r, start:end].reshape(columns)
            _add_doubles(gradients, row, found, lost)
    else:
        vectors.add_products((grad, x), _place(x, of), SUMMED, found)
    _fold(found, columns)
    for c in range(start, end):
        a = b = more = gone = 0.0
        for k in range((c - start) * run, (c - start + 1) * run):
            if is_double(x):
                a, more = plus(a, more + lost[0, k], found[1, k])
                b, gone = plus(b, gone + lost[1, k], found[2, k])
            else:
                a += found[1, k]
                b += found[2, k]
        sums[0, c], sums[1, c] = whole(a, more), whole(b, gone)


@njit(cache=True, error_model="numpy")
def propagate(grad: Array, x: Array, out: Array, of: Piece, table: Array) -> None:
    """Fill the gradient by the data of a piece, through their statistics too."""
    share = np.empty(of[1])
    for c in range(of[0], of[1]):
        slope = table[INVERSE, c] * table[DATA_SHARE, c]
        share[c] = shifted(table[GRAD_SHARE, c], table[MEAN, c], slope, x[0, 0, 0])
    rows = (table[MEAN], table[INVERSE], table[GAIN], share, table[DATA_SHARE])
    vectors.propagate((grad, x, out), _place(x, of), _deep(x), _factors(x, of, rows))
