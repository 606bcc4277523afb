"""Gradients of data ``(N, C, D, H, W)`` of which a channel lies in rows: sums first, then the rest.

As in `bnparity.kernels.numba_planes`, channels are taken in groups, and few are cut into parts.
What the steps need of a channel are the last rows of `bnparity.kernels.numba_channels`.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_formats import is_double, narrowed, widened, working
from bnparity.kernels.numba_moments import SUMMING, added, of_task, plus, shifted, whole
from bnparity.kernels.numba_planes import PARTS, group, unit, units_of

Array = NDArray[Any]


@njit(cache=True, fastmath=SUMMING, error_model="numpy")
def _of_row(grad: Array, row: Array, mean: float) -> tuple[float, float]:
    """Return the sums of a row of `grad`, and of it times the distances from the mean."""
    total = projection = 0.0
    for j in range(row.size):
        g = np.float64(widened(grad[j]))
        total += g
        projection += g * (np.float64(widened(row[j])) - mean)
    return total, projection


@njit(cache=True, error_model="numpy")
def _sums_of_doubles(
    grad: Array, x: Array, c: int, first: int, last: int, mean: float
) -> tuple[float, float]:
    """Return the compensated sums of one channel."""
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
def _sums(
    grad: Array,
    x: Array,
    start: int,
    end: int,
    first: int,
    last: int,
    per_channel: Array,
    sums: Array,
) -> None:
    """Fill the sums, (2, C), of the channels from `start` to `end` over some pieces."""
    mean, inverse = per_channel[0], per_channel[1]
    for c in range(start, end):
        sums[0, c] = sums[1, c] = 0.0
        if is_double(x[0, 0, 0, 0, 0]):
            sums[0, c], sums[1, c] = _sums_of_doubles(grad, x, c, first, last, mean[c])
    if not is_double(x[0, 0, 0, 0, 0]):
        for u in range(first, last):
            for c in range(start, end):
                of_row = _of_row(unit(grad, c, u), unit(x, c, u), mean[c])
                sums[0, c] += of_row[0]
                sums[1, c] += of_row[1]
    for c in range(start, end):
        sums[1, c] *= inverse[c]


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _through_row(
    grad: Array,
    row: Array,
    out: Array,
    mean: float,
    inverse: float,
    gain: float,
    share: float,
    slope: float,
) -> None:
    high = working(mean, row[0])
    scale, factor = working(inverse, row[0]), working(gain, row[0])
    of_grad = working(shifted(share, mean, inverse * slope, row[0]), row[0])
    of_data = working(slope, row[0])
    for j in range(row.size):
        normalized = (widened(row[j]) - high) * scale
        g = (widened(grad[j]) - of_grad) - normalized * of_data
        out[j] = narrowed(factor * g, out[j])


@njit(cache=True, error_model="numpy")
def _scaled(grad: Array, out: Array, gain: float) -> None:
    factor = working(gain, grad[0])
    for j in range(grad.size):
        out[j] = narrowed(widened(grad[j]) * factor, out[j])


@njit(cache=True, error_model="numpy")
def _propagate(
    grad: Array,
    x: Array,
    out: Array,
    start: int,
    end: int,
    first: int,
    last: int,
    per_channel: Array,
    through: bool,
) -> None:
    """Fill the gradient by the data: `through` the statistics too, or not through the data."""
    mean, inverse, gain, share, slope = per_channel
    for u in range(first, last):
        for c in range(start, end):
            g, o = unit(grad, c, u), unit(out, c, u)
            if through:
                row = unit(x, c, u)
                _through_row(g, row, o, mean[c], inverse[c], gain[c], share[c], slope[c])
            else:
                _scaled(g, o, gain[c])


@njit(cache=True, error_model="numpy")
def _backward(
    grad: Array,
    x: Array,
    out: Array,
    start: int,
    end: int,
    per_channel: Array,
    through: bool,
    sums: Array,
) -> None:
    """Do all of some channels: their sums, then their gradient."""
    units, n = units_of(x), x.shape[0] * x.shape[2] * x.shape[3] * x.shape[4]
    _sums(grad, x, start, end, 0, units, per_channel, sums)
    for c in range(start, end):
        per_channel[3, c], per_channel[4, c] = sums[0, c] / n, sums[1, c] / n
    _propagate(grad, x, out, start, end, 0, units, per_channel, through)


@njit(cache=True, error_model="numpy")
def backward(
    grad: Array, x: Array, out: Array, per_channel: Array, through: bool, sums: Array
) -> None:
    """Fill the gradient by the data and the sums behind the others, without other threads.

    The averages in `per_channel` are filled as well.
    """
    _backward(grad, x, out, 0, x.shape[1], per_channel, through, sums)


@njit(cache=True, parallel=True, error_model="numpy")
def backward_in_threads(
    grad: Array, x: Array, out: Array, groups: int, per_channel: Array, through: bool, sums: Array
) -> None:
    """Do what `backward` does, a group of channels at a time in each thread."""
    for task in prange(groups):
        start, end = group(x, groups, np.int64(task))
        _backward(grad, x, out, start, end, per_channel, through, sums)


@njit(cache=True, parallel=True, error_model="numpy")
def sums_in_parts(grad: Array, x: Array, per_channel: Array, sums: Array) -> None:
    """Fill the sums behind the gradients, each channel cut into parts."""
    channels, units = x.shape[1], units_of(x)
    found = np.zeros((PARTS, 2, channels))
    for task in prange(channels * PARTS):
        c, part = of_task(task, PARTS)
        first, last = part * units // PARTS, (part + 1) * units // PARTS
        _sums(grad, x, c, c + 1, first, last, per_channel, found[part])
    added(found, sums)


@njit(cache=True, parallel=True, error_model="numpy")
def propagate_in_parts(
    grad: Array, x: Array, out: Array, per_channel: Array, through: bool
) -> None:
    """Fill the gradient by the data, each channel cut into parts."""
    units = units_of(x)
    for task in prange(x.shape[1] * PARTS):
        c, part = of_task(task, PARTS)
        first, last = part * units // PARTS, (part + 1) * units // PARTS
        _propagate(grad, x, out, c, c + 1, first, last, per_channel, through)
