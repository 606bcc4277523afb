"""Loops over data ``(N, C, D, H, W)`` of which a channel lies in rows, some channels at a time.

Channels are taken in groups whose rows lie one behind the other, so that memory is read in long
runs.
"""

import numpy as np
from numba import njit

from bnparity.backends import Array
from bnparity.kernels.numba_channels import BIAS, GAIN, MEAN
from bnparity.kernels.numba_formats import is_double, narrowed, widened, working
from bnparity.kernels.numba_moments import SUMMING, joined, near, plus, shifted, whole
from bnparity.kernels.numba_views import BLOCK, Piece, unit


@njit(cache=True, fastmath=SUMMING, error_model="numpy")
def _about(row: Array, shift: float) -> tuple[float, float]:
    """Return the sum of a row's distances from `shift`, and that of their squares."""
    total = squares = 0.0
    for j in range(row.size):
        d = np.float64(widened(row[j])) - shift
        total += d
        squares += d * d
    return total, squares


@njit(cache=True, error_model="numpy")
def moments(x: Array, of: Piece, mean: Array, m2: Array) -> float:
    """Fill the moments, (C,), of the channels of a piece; return how many values each has there."""
    start, end, first, last = of
    count, step = 0.0, max(1, BLOCK // x.shape[4])
    shift, total, squares = np.empty(end), np.empty(end), np.empty(end)
    for u in range(first, last, step):
        n = 0.0
        for c in range(start, end):
            shift[c] = near(widened(unit(x, c, u)[0]))
            total[c] = squares[c] = 0.0
        for v in range(u, min(u + step, last)):
            for c in range(start, end):
                of_row = _about(unit(x, c, v), shift[c])
                total[c] += of_row[0]
                squares[c] += of_row[1]
            n += unit(x, start, v).size
        for c in range(start, end):
            mean[c], m2[c] = joined(count, mean[c], m2[c], n, shift[c], total[c], squares[c])
        count += n
    return count


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _scaled(row: Array, out: Array, mean: float, gain: float, bias: float) -> None:
    """Fill ``(row - mean) * gain + bias``; what the mean has beyond its format goes off apart."""
    high = working(mean, row[0])
    g, b = working(gain, row[0]), working(shifted(bias, mean, gain, row[0]), row[0])
    for j in range(row.size):
        out[j] = narrowed((widened(row[j]) - high) * g + b, out[j])


@njit(cache=True, error_model="numpy")
def apply(x: Array, out: Array, of: Piece, table: Array) -> None:
    """Fill ``(x - mean) * gain + bias`` of a piece."""
    start, end, first, last = of
    for u in range(first, last):
        for c in range(start, end):
            row, target = unit(x, c, u), unit(out, c, u)
            _scaled(row, target, table[MEAN, c], table[GAIN, c], table[BIAS, c])


@njit(cache=True, fastmath=SUMMING, error_model="numpy")
def _products(grad: Array, row: Array, mean: float) -> tuple[float, float]:
    """Return the sums of a row of `grad`, and of it times the distances from the mean."""
    total = projection = 0.0
    for j in range(row.size):
        g = np.float64(widened(grad[j]))
        total += g
        projection += g * (np.float64(widened(row[j])) - mean)
    return total, projection


@njit(cache=True, error_model="numpy")
def _products_of_doubles(
    grad: Array, x: Array, c: int, first: int, last: int, mean: float
) -> tuple[float, float]:
    """Return the same over some units of a channel, compensated."""
    total = lost = projection = gone = 0.0
    for u in range(first, last):
        gradients, row = unit(grad, c, u), unit(x, c, u)
        for j in range(row.size):
            g = np.float64(widened(gradients[j]))
            total, lost = plus(total, lost, g)
            term = g * (np.float64(widened(row[j])) - mean)
            projection, gone = plus(projection, gone, term)
    return whole(total, lost), whole(projection, gone)


@njit(cache=True, error_model="numpy")
def add_up(grad: Array, x: Array, of: Piece, mean: Array, sums: Array) -> None:
    """Add to ``(2, C)`` the sums of the gradient, and of it times distances from the mean."""
    start, end, first, last = of
    if is_double(x):
        for c in range(start, end):
            sums[0, c], sums[1, c] = _products_of_doubles(grad, x, c, first, last, mean[c])
        return
    for u in range(first, last):
        for c in range(start, end):
            of_row = _products(unit(grad, c, u), unit(x, c, u), mean[c])
            sums[0, c] += of_row[0]
            sums[1, c] += of_row[1]


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _through_row(grad: Array, row: Array, out: Array, by: tuple[float, ...]) -> None:
    mean, inverse, gain, share, slope = by
    high, of_data = working(mean, row[0]), working(slope, row[0])
    scale, factor = working(inverse, row[0]), working(gain, row[0])
    of_grad = working(shifted(share, mean, inverse * slope, row[0]), row[0])
    for j in range(row.size):
        normalized = (widened(row[j]) - high) * scale
        g = (widened(grad[j]) - of_grad) - normalized * of_data
        out[j] = narrowed(factor * g, out[j])


@njit(cache=True, error_model="numpy")
def propagate(grad: Array, x: Array, out: Array, of: Piece, table: Array) -> None:
    """Fill the gradient by the data of a piece, through their statistics too."""
    start, end, first, last = of
    mean, inverse, gain, share, slope = table[MEAN:]
    for u in range(first, last):
        for c in range(start, end):
            by = (mean[c], inverse[c], gain[c], share[c], slope[c])
            _through_row(unit(grad, c, u), unit(x, c, u), unit(out, c, u), by)
