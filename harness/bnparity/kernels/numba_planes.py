"""Loops over data ``(N, C, D, H, W)`` of which a channel lies in rows, one channel after another.

The moments of a channel leave it in cache for its normalisation, so that memory sees one read and
one write. Where there are few channels each is cut into parts, by its shape alone: the result is
the same for any number of threads.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_formats import is_double, narrowed, widened, working
from bnparity.kernels.numba_moments import BLOCK, about, joined, merged, near, of_task, plus, whole

Array = NDArray[Any]

#: What a channel is cut into where there are fewer channels than that.
PARTS = 16


@njit(cache=True)
def units_of(x: Array) -> Any:
    """Return how many pieces of rows, of up to `BLOCK` values, a channel has."""
    return x.shape[0] * x.shape[2] * x.shape[3] * -(-x.shape[4] // BLOCK)


@njit(cache=True)
def unit(x: Array, c: int, u: int) -> Array:
    """Return the piece `u` of the channel `c`."""
    u, s = divmod(u, -(-x.shape[4] // BLOCK))
    u, h = divmod(u, x.shape[3])
    i, d = divmod(u, x.shape[2])
    return x[i, c, d, h, s * BLOCK : (s + 1) * BLOCK]


@njit(cache=True, error_model="numpy")
def _moments_of_doubles(x: Array, c: int, first: int, last: int) -> tuple[float, float, float]:
    """Do the same in two passes, with compensated sums."""
    n = total = lost = 0.0
    for u in range(first, last):
        row = unit(x, c, u)
        n += row.size
        for j in range(row.size):
            total, lost = plus(total, lost, np.float64(widened(row[j])))
    mean = whole(total, lost) / n
    squares = lost = rest = 0.0
    for u in range(first, last):
        row = unit(x, c, u)
        for j in range(row.size):
            d = np.float64(widened(row[j])) - mean
            rest += d
            squares, lost = plus(squares, lost, d * d)
    # What the rounding of the mean left over: Chan, Golub and LeVeque's corrected two-pass.
    return n, mean, whole(squares, lost) - rest * (rest / n)


@njit(cache=True, error_model="numpy")
def _moments(x: Array, c: int, first: int, last: int) -> tuple[float, float, float]:
    """Return count, mean and sum of squares about it, of some pieces of a channel."""
    if is_double(x[0, 0, 0, 0, 0]):
        return _moments_of_doubles(x, c, first, last)
    count = mean = m2 = total = squares = shift = 0.0
    held = 0
    for u in range(first, last):
        row = unit(x, c, u)
        if held == 0:
            shift = near(widened(row[0]))
        of_row = about(row, shift)
        total += of_row[0]
        squares += of_row[1]
        held += row.size
        if held >= BLOCK or u == last - 1:
            count, mean, m2 = joined(count, mean, m2, float(held), shift, total, squares)
            total = squares = 0.0
            held = 0
    return count, mean, m2


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _scaled(row: Array, output: Array, mean: float, gain: float, bias: float) -> None:
    """Fill ``(row - mean) * gain + bias``; what the mean has beyond its format goes off apart."""
    high = working(mean, row[0])
    low = working(mean - high if np.isfinite(high) else 0.0, row[0])
    g, b = working(gain, row[0]), working(bias, row[0])
    for j in range(row.size):
        output[j] = narrowed(((widened(row[j]) - high) - low) * g + b, output[j])


@njit(cache=True, error_model="numpy")
def _normalize(
    x: Array, out: Array, c: int, first: int, last: int, mean: float, gain: float, bias: float
) -> None:
    for u in range(first, last):
        _scaled(unit(x, c, u), unit(out, c, u), mean, gain, bias)


@njit(cache=True, error_model="numpy")
def _train(
    x: Array, out: Array, c: int, gamma: Array, beta: Array, eps: float, mean: Array, var: Array
) -> None:
    """Do all of one channel: its moments, then its output while it is in cache."""
    units = units_of(x)
    count, mean[c], m2 = _moments(x, c, 0, units)
    var[c] = m2 / count
    _normalize(x, out, c, 0, units, mean[c], gamma[c] / np.sqrt(var[c] + eps), beta[c])


@njit(cache=True, error_model="numpy")
def train(
    x: Array, out: Array, gamma: Array, beta: Array, eps: float, mean: Array, var: Array
) -> None:
    """Fill output, mean and biased variance, without other threads; statistics are float64."""
    for c in range(x.shape[1]):
        _train(x, out, c, gamma, beta, eps, mean, var)


@njit(cache=True, parallel=True, error_model="numpy")
def train_in_threads(
    x: Array, out: Array, gamma: Array, beta: Array, eps: float, mean: Array, var: Array
) -> None:
    """Do what `train` does, a channel at a time in each thread."""
    for c in prange(x.shape[1]):
        _train(x, out, c, gamma, beta, eps, mean, var)


@njit(cache=True, parallel=True, error_model="numpy")
def moments_in_parts(x: Array, mean: Array, var: Array) -> None:
    """Fill mean and biased variance, each channel cut into parts."""
    channels, units = x.shape[1], units_of(x)
    found = np.empty((3, channels, PARTS))
    for task in prange(channels * PARTS):
        c, part = of_task(task, PARTS)
        moments = _moments(x, c, part * units // PARTS, (part + 1) * units // PARTS)
        found[0, c, part], found[1, c, part], found[2, c, part] = moments
    for channel in range(channels):
        of = found[:, channel, :]
        kept = of[0] > 0.0  # of few pieces some parts have none
        mean[channel], var[channel] = merged(of[0][kept], of[1][kept], of[2][kept])


@njit(cache=True, error_model="numpy")
def apply(x: Array, out: Array, mean: Array, gain: Array, beta: Array) -> None:
    """Fill ``(x - mean) * gain + beta``, without other threads."""
    for c in range(x.shape[1]):
        _normalize(x, out, c, 0, units_of(x), mean[c], gain[c], beta[c])


@njit(cache=True, parallel=True, error_model="numpy")
def apply_in_threads(x: Array, out: Array, mean: Array, gain: Array, beta: Array) -> None:
    """Do what `apply` does, each channel cut into parts."""
    units = units_of(x)
    for task in prange(x.shape[1] * PARTS):
        c, part = of_task(task, PARTS)
        first, last = part * units // PARTS, (part + 1) * units // PARTS
        _normalize(x, out, c, first, last, mean[c], gain[c], beta[c])
