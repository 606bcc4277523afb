"""Gradients of contiguous data ``(M, K)``: sums of each channel first, then the rest.

As in `bnparity.kernels.numba_rows` a channel is `run` columns in a row.
"""

from typing import Any

import numpy as np
from numba import njit, prange
from numpy.typing import NDArray

from bnparity.kernels.numba_formats import is_double, narrowed, vector, widened
from bnparity.kernels.numba_moments import plus, whole
from bnparity.kernels.numba_rows import cut, piece

Array = NDArray[Any]


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _add(
    grad: Array, row: Array, mean: Array, inverse: Array, totals: Array, projections: Array
) -> None:
    for k in range(row.size):
        g = np.float64(widened(grad[k]))
        totals[k] += g
        projections[k] += g * ((np.float64(widened(row[k])) - mean[k]) * inverse[k])


@njit(cache=True, error_model="numpy")
def _add_doubles(
    grad: Array,
    row: Array,
    mean: Array,
    inverse: Array,
    totals: Array,
    projections: Array,
    lost: Array,
) -> None:
    for k in range(row.size):
        g = np.float64(widened(grad[k]))
        term = g * ((np.float64(widened(row[k])) - mean[k]) * inverse[k])
        totals[k], lost[0, k] = plus(totals[k], lost[0, k], g)
        projections[k], lost[1, k] = plus(projections[k], lost[1, k], term)


@njit(cache=True)
def _spread(values: Array, run: int, start: int, end: int) -> Array:
    """Return a value a column for the channels from `start` to `end`."""
    return np.repeat(values[start:end], run)


@njit(cache=True)
def _spread_like(values: Array, run: int, start: int, end: int, like: Any) -> Any:
    """Return the same in the arithmetic of data stored like `like`."""
    spread = vector((end - start) * run, like)
    for k in range(spread.size):
        spread[k] = values[start + k // run]
    return spread


@njit(cache=True, error_model="numpy")
def _sums(
    grad: Array,
    x: Array,
    run: int,
    rows: tuple[int, int],
    start: int,
    end: int,
    mean: Array,
    inverse: Array,
    totals: Array,
    projections: Array,
) -> None:
    """Fill the sums of the channels of `grad`, and of it times the normalised data."""
    columns, of = (end - start) * run, slice(start * run, end * run)
    at, scale = _spread(mean, run, start, end), _spread(inverse, run, start, end)
    total, projection, lost = np.zeros(columns), np.zeros(columns), np.zeros((2, columns))
    for r in range(rows[0], rows[1]):
        if is_double(x[0, 0]):
            _add_doubles(grad[r, of], x[r, of], at, scale, total, projection, lost)
        else:
            _add(grad[r, of], x[r, of], at, scale, total, projection)
    for c in range(start, end):
        a = b = more = gone = 0.0
        for k in range((c - start) * run, (c - start + 1) * run):
            a, more = plus(a, more + lost[0, k], total[k])
            b, gone = plus(b, gone + lost[1, k], projection[k])
        totals[c], projections[c] = whole(a, more), whole(b, gone)


@njit(cache=True, parallel=True, error_model="numpy")
def sums_in_threads(
    grad: Array,
    x: Array,
    run: int,
    mean: Array,
    inverse: Array,
    totals: Array,
    projections: Array,
) -> None:
    """Do what `sums` does, with as many threads as Numba has."""
    parts, tiles, _ = cut(x, run)
    found = np.empty((2, parts, x.shape[1] // run))
    for task in prange(parts * tiles):
        part, first, last, start, end = piece(x, run, task)
        rows = (first, last)
        _sums(grad, x, run, rows, start, end, mean, inverse, found[0, part], found[1, part])
    for c in range(x.shape[1] // run):
        a = b = 0.0
        for p in range(parts):
            a += found[0, p, c]
            b += found[1, p, c]
        totals[c], projections[c] = a, b


@njit(cache=True, error_model="numpy")
def sums(
    grad: Array,
    x: Array,
    run: int,
    mean: Array,
    inverse: Array,
    totals: Array,
    projections: Array,
) -> None:
    """Fill the sums, (C,) in float64, behind the gradients, without other threads."""
    rows, channels = (0, x.shape[0]), x.shape[1] // run
    _sums(grad, x, run, rows, 0, channels, mean, inverse, totals, projections)


@njit(cache=True, fastmath={"contract"}, error_model="numpy")
def _through_row(
    grad: Array,
    row: Array,
    out: Array,
    high: Array,
    low: Array,
    inverse: Array,
    gain: Array,
    shares: Array,
    slopes: Array,
) -> None:
    for k in range(row.size):
        normalized = ((widened(row[k]) - high[k]) - low[k]) * inverse[k]
        g = (widened(grad[k]) - shares[k]) - normalized * slopes[k]
        out[k] = narrowed(gain[k] * g, out[k])


@njit(cache=True, error_model="numpy")
def _scaled(grad: Array, out: Array, gain: Array) -> None:
    for k in range(grad.size):
        out[k] = narrowed(widened(grad[k]) * gain[k], out[k])


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
    of, like = slice(start * run, end * run), x[0, 0]
    high = _spread_like(per_channel[0], run, start, end, like)
    low = vector(high.size, like)
    for k in range(high.size):
        low[k] = per_channel[0, start + k // run] - high[k] if np.isfinite(high[k]) else 0.0
    inverse = _spread_like(per_channel[1], run, start, end, like)
    gain = _spread_like(per_channel[2], run, start, end, like)
    shares = _spread_like(per_channel[3], run, start, end, like)
    slopes = _spread_like(per_channel[4], run, start, end, like)
    for r in range(rows[0], rows[1]):
        if through:
            g, row, o = grad[r, of], x[r, of], out[r, of]
            _through_row(g, row, o, high, low, inverse, gain, shares, slopes)
        else:
            _scaled(grad[r, of], out[r, of], gain)


@njit(cache=True, error_model="numpy")
def propagate(
    grad: Array, x: Array, out: Array, run: int, per_channel: Array, through: bool
) -> None:
    """Fill the gradient by the data, without other threads.

    `per_channel` has a row of each: mean, 1 / denominator, that times the weight, and the averages
    of the gradient and of it times the normalised data. `through` says whether the statistics are
    the data's own.
    """
    rows, channels = (0, x.shape[0]), x.shape[1] // run
    _propagate(grad, x, out, run, rows, 0, channels, per_channel, through)


@njit(cache=True, parallel=True, error_model="numpy")
def propagate_in_threads(
    grad: Array, x: Array, out: Array, run: int, per_channel: Array, through: bool
) -> None:
    """Do what `propagate` does, with as many threads as Numba has."""
    parts, tiles, _ = cut(x, run)
    for task in prange(parts * tiles):
        _, first, last, start, end = piece(x, run, task)
        _propagate(grad, x, out, run, (first, last), start, end, per_channel, through)
