"""Loops over data ``(N, C, D, H, W)`` of which a channel lies in rows, some channels at a time.

Channels are taken in groups whose rows lie one behind the other, so that memory is read in long
runs; and a group's output follows its moments at once, so that of data beyond the last cache what
has just been read is read again from there. Where there are few channels each is cut into parts, by
its shape alone: the result is the same for any number of threads.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_formats import is_double, narrowed, widened, working
from bnparity.kernels.numba_moments import (
    BLOCK,
    about,
    joined,
    merged,
    near,
    of_task,
    plus,
    shifted,
    whole,
)

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
    if x.shape[2] * x.shape[3] == 1 and x.shape[4] <= BLOCK:
        return x[u, c, 0, 0]
    u, s = divmod(u, -(-x.shape[4] // BLOCK))
    u, h = divmod(u, x.shape[3])
    i, d = divmod(u, x.shape[2])
    return x[i, c, d, h, s * BLOCK : (s + 1) * BLOCK]


@njit(cache=True)
def group(x: Array, groups: int, task: int) -> tuple[Any, Any]:
    """Return the first channel of a group, and that of the next."""
    return task * x.shape[1] // groups, (task + 1) * x.shape[1] // groups


@njit(cache=True, error_model="numpy")
def _moments_of_doubles(x: Array, c: int, first: int, last: int) -> tuple[float, float, float]:
    """Do the same for one channel in two passes, with compensated sums."""
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
def _moments(
    x: Array, start: int, end: int, first: int, last: int, mean: Array, m2: Array
) -> float:
    """Fill the moments of the channels from `start` to `end` over some pieces; return the count."""
    count = 0.0
    if is_double(x[0, 0, 0, 0, 0]):
        for c in range(start, end):
            count, mean[c], m2[c] = _moments_of_doubles(x, c, first, last)
        return count
    shift, total, squares = np.empty(end - start), np.empty(end - start), np.empty(end - start)
    step = max(1, BLOCK // x.shape[4])
    for u in range(first, last, step):
        held = 0
        for c in range(start, end):
            shift[c - start] = near(widened(unit(x, c, u)[0]))
            total[c - start] = squares[c - start] = 0.0
        for v in range(u, min(u + step, last)):
            for c in range(start, end):
                of_row = about(unit(x, c, v), shift[c - start])
                total[c - start] += of_row[0]
                squares[c - start] += of_row[1]
            held += unit(x, start, v).size
        for c in range(start, end):
            k, n = c - start, float(held)
            _, mean[c], m2[c] = joined(count, mean[c], m2[c], n, shift[k], total[k], squares[k])
        count += held
    return count


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _scaled(row: Array, output: Array, mean: float, gain: float, bias: float) -> None:
    """Fill ``(row - mean) * gain + bias``; what the mean has beyond its format goes off apart."""
    high = working(mean, row[0])
    g, b = working(gain, row[0]), working(shifted(bias, mean, gain, row[0]), row[0])
    for j in range(row.size):
        output[j] = narrowed((widened(row[j]) - high) * g + b, output[j])


@njit(cache=True, error_model="numpy")
def _normalize(
    x: Array,
    out: Array,
    start: int,
    end: int,
    first: int,
    last: int,
    mean: Array,
    gain: Array,
    beta: Array,
) -> None:
    for u in range(first, last):
        for c in range(start, end):
            _scaled(unit(x, c, u), unit(out, c, u), mean[c], gain[c], beta[c])


@njit(cache=True, error_model="numpy")
def _train(
    x: Array,
    out: Array,
    start: int,
    end: int,
    gamma: Array,
    beta: Array,
    eps: float,
    mean: Array,
    var: Array,
    gain: Array,
) -> None:
    """Do all of some channels: their moments, then their output."""
    units = units_of(x)
    count = _moments(x, start, end, 0, units, mean, var)
    for c in range(start, end):
        var[c] /= count
        gain[c] = gamma[c] / np.sqrt(var[c] + eps)
    _normalize(x, out, start, end, 0, units, mean, gain, beta)


@njit(cache=True, error_model="numpy")
def train(
    x: Array, out: Array, gamma: Array, beta: Array, eps: float, mean: Array, var: Array
) -> None:
    """Fill output, mean and biased variance, without other threads; statistics are float64."""
    channels = x.shape[1]
    _train(x, out, 0, channels, gamma, beta, eps, mean, var, np.empty(channels))


@njit(cache=True, parallel=True, error_model="numpy")
def train_in_threads(
    x: Array,
    out: Array,
    groups: int,
    gamma: Array,
    beta: Array,
    eps: float,
    mean: Array,
    var: Array,
) -> None:
    """Do what `train` does, a group of channels at a time in each thread."""
    gain = np.empty(x.shape[1])
    for task in prange(groups):
        start, end = group(x, groups, np.int64(task))
        _train(x, out, start, end, gamma, beta, eps, mean, var, gain)


@njit(cache=True, parallel=True, error_model="numpy")
def moments_in_parts(x: Array, mean: Array, var: Array) -> None:
    """Fill mean and biased variance, each channel cut into parts."""
    channels, units = x.shape[1], units_of(x)
    counts, means = np.zeros((PARTS, channels)), np.zeros((PARTS, channels))
    squares = np.zeros((PARTS, channels))
    for task in prange(channels * PARTS):
        c, part = of_task(task, PARTS)
        first, last = part * units // PARTS, (part + 1) * units // PARTS
        counts[part, c] = _moments(x, c, c + 1, first, last, means[part], squares[part])
    for channel in range(channels):
        mean[channel], var[channel] = merged(counts, means, squares, channel)


@njit(cache=True, error_model="numpy")
def apply(x: Array, out: Array, mean: Array, gain: Array, beta: Array) -> None:
    """Fill ``(x - mean) * gain + beta``, without other threads."""
    _normalize(x, out, 0, x.shape[1], 0, units_of(x), mean, gain, beta)


@njit(cache=True, parallel=True, error_model="numpy")
def apply_in_threads(
    x: Array, out: Array, groups: int, parts: int, mean: Array, gain: Array, beta: Array
) -> None:
    """Do what `apply` does, each group of channels cut into parts."""
    units = units_of(x)
    for task in prange(groups * parts):
        k, part = of_task(task, parts)
        start, end = group(x, groups, k)
        first, last = part * units // parts, (part + 1) * units // parts
        _normalize(x, out, start, end, first, last, mean, gain, beta)
