"""Gradients of data ``(N, C, D, H, W)`` of which a channel lies in rows: sums first, then the rest.

As in `bnparity.kernels.numba_planes`, what the sums of a channel have read is in cache for its
gradient, and few channels are cut into parts.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_formats import is_double, narrowed, widened, working
from bnparity.kernels.numba_moments import SUMMING, of_task, plus, whole
from bnparity.kernels.numba_planes import PARTS, unit, units_of

Array = NDArray[Any]


@njit(cache=True, fastmath=SUMMING, error_model="numpy")
def _of_row(grad: Array, row: Array, mean: float, inverse: float) -> tuple[float, float]:
    """Return the sums of a row of `grad`, and of it times the normalised data."""
    total = projection = 0.0
    for j in range(row.size):
        g = np.float64(widened(grad[j]))
        total += g
        projection += g * ((np.float64(widened(row[j])) - mean) * inverse)
    return total, projection


@njit(cache=True, error_model="numpy")
def _sums_of_doubles(
    grad: Array, x: Array, c: int, first: int, last: int, mean: float, inverse: float
) -> tuple[float, float]:
    total = lost = projection = gone = 0.0
    for u in range(first, last):
        gradients, row = unit(grad, c, u), unit(x, c, u)
        for j in range(row.size):
            g = np.float64(widened(gradients[j]))
            total, lost = plus(total, lost, g)
            term = g * ((np.float64(widened(row[j])) - mean) * inverse)
            projection, gone = plus(projection, gone, term)
    return whole(total, lost), whole(projection, gone)


@njit(cache=True, error_model="numpy")
def _sums(
    grad: Array, x: Array, c: int, first: int, last: int, mean: float, inverse: float
) -> tuple[float, float]:
    if is_double(x[0, 0, 0, 0, 0]):
        return _sums_of_doubles(grad, x, c, first, last, mean, inverse)
    total = projection = 0.0
    for u in range(first, last):
        of_row = _of_row(unit(grad, c, u), unit(x, c, u), mean, inverse)
        total += of_row[0]
        projection += of_row[1]
    return total, projection


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
    low = working(mean - high if np.isfinite(high) else 0.0, row[0])
    scale, factor = working(inverse, row[0]), working(gain, row[0])
    of_grad, of_data = working(share, row[0]), working(slope, row[0])
    for j in range(row.size):
        normalized = ((widened(row[j]) - high) - low) * scale
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
    c: int,
    first: int,
    last: int,
    mean: float,
    inverse: float,
    gain: float,
    share: float,
    slope: float,
    through: bool,
) -> None:
    """Fill the gradient by the data: `through` the statistics too, or not through the data."""
    for u in range(first, last):
        g, o = unit(grad, c, u), unit(out, c, u)
        if through:
            _through_row(g, unit(x, c, u), o, mean, inverse, gain, share, slope)
        else:
            _scaled(g, o, gain)


@njit(cache=True, error_model="numpy")
def _channel(
    grad: Array,
    x: Array,
    out: Array,
    c: int,
    mean: Array,
    inverse: Array,
    gain: Array,
    through: bool,
    totals: Array,
    projections: Array,
) -> None:
    """Do all of one channel."""
    units = units_of(x)
    totals[c], projections[c] = _sums(grad, x, c, 0, units, mean[c], inverse[c])
    n = x.shape[0] * x.shape[2] * x.shape[3] * x.shape[4]
    share, slope = totals[c] / n, projections[c] / n
    _propagate(grad, x, out, c, 0, units, mean[c], inverse[c], gain[c], share, slope, through)


@njit(cache=True, error_model="numpy")
def backward(
    grad: Array,
    x: Array,
    out: Array,
    mean: Array,
    inverse: Array,
    gain: Array,
    through: bool,
    totals: Array,
    projections: Array,
) -> None:
    """Fill the gradient by the data and the sums behind the others, without other threads."""
    for c in range(x.shape[1]):
        _channel(grad, x, out, c, mean, inverse, gain, through, totals, projections)


@njit(cache=True, parallel=True, error_model="numpy")
def backward_in_threads(
    grad: Array,
    x: Array,
    out: Array,
    mean: Array,
    inverse: Array,
    gain: Array,
    through: bool,
    totals: Array,
    projections: Array,
) -> None:
    """Do what `backward` does, a channel at a time in each thread."""
    for c in prange(x.shape[1]):
        _channel(grad, x, out, c, mean, inverse, gain, through, totals, projections)


@njit(cache=True, parallel=True, error_model="numpy")
def sums_in_parts(
    grad: Array, x: Array, mean: Array, inverse: Array, totals: Array, projections: Array
) -> None:
    """Fill the sums behind the gradients, each channel cut into parts."""
    channels, units = x.shape[1], units_of(x)
    found = np.empty((2, channels, PARTS))
    for task in prange(channels * PARTS):
        c, part = of_task(task, PARTS)
        first, last = part * units // PARTS, (part + 1) * units // PARTS
        of_part = _sums(grad, x, c, first, last, mean[c], inverse[c])
        found[0, c, part], found[1, c, part] = of_part
    for channel in range(channels):
        totals[channel] = found[0, channel].sum()
        projections[channel] = found[1, channel].sum()


@njit(cache=True, parallel=True, error_model="numpy")
def propagate_in_parts(
    grad: Array,
    x: Array,
    out: Array,
    mean: Array,
    inverse: Array,
    gain: Array,
    shares: Array,
    slopes: Array,
    through: bool,
) -> None:
    """Fill the gradient by the data, each channel cut into parts."""
    units = units_of(x)
    for task in prange(x.shape[1] * PARTS):
        c, part = of_task(task, PARTS)
        first, last = part * units // PARTS, (part + 1) * units // PARTS
        _propagate(
            grad,
            x,
            out,
            c,
            first,
            last,
            mean[c],
            inverse[c],
            gain[c],
            shares[c],
            slopes[c],
            through,
        )
