"""The three steps of the Numba kernel, each by the loops that fit how the data lie and how many.

`bnparity.kernels.numba_kernel` imports this when it is first called: it needs Numba.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels import numba_planes, numba_rows
from bnparity.kernels import numba_planes_backward as planes_backward
from bnparity.kernels import numba_rows_backward as rows_backward
from bnparity.kernels.numba_formats import stored
from bnparity.kernels.numba_views import planes, rows, run_of
from bnparity.kernels.phases import values_per_channel

Array = NDArray[Any]

#: Up to so many values a call is over before other threads have heard of it.
ALONE = 1 << 15


def forward(x: Array, out: Array, gamma: Array, beta: Array, eps: float) -> tuple[Array, Array]:
    """Fill `out`, which lies as `x` does, by the batch's statistics; return them, in float64."""
    mean, var = np.empty(x.shape[1]), np.empty(x.shape[1])
    if not values_per_channel(x):
        mean[:] = var[:] = np.nan
        return mean, var
    alone, run, arrays = _alone(x, out), run_of(x, out), (stored(x), stored(out))
    if not run and (alone or x.shape[1] >= numba_planes.PARTS):
        train = numba_planes.train if alone else numba_planes.train_in_threads
        data, target = planes(*arrays)
        train(data, target, gamma, beta, eps, mean, var)
        return mean, var
    if run:
        moments = numba_rows.moments if alone else numba_rows.moments_in_threads
        (data,) = rows(run, arrays[0])
        moments(data, run, mean, var)
    else:
        (data,) = planes(arrays[0])
        numba_planes.moments_in_parts(data, mean, var)
    infer(x, out, mean, gamma / np.sqrt(var + eps), beta)
    return mean, var


def infer(x: Array, out: Array, mean: Array, gain: Array, beta: Array) -> None:
    """Fill `out` with ``(x - mean) * gain + beta``; all but `x` and `out` are (C,), float64."""
    if not x.size:
        return
    alone, run, arrays = _alone(x, out), run_of(x, out), (stored(x), stored(out))
    if run:
        apply = numba_rows.apply if alone else numba_rows.apply_in_threads
        data, target = rows(run, *arrays)
        apply(data, target, run, mean, gain, beta)
    else:
        apply_planes = numba_planes.apply if alone else numba_planes.apply_in_threads
        data, target = planes(*arrays)
        apply_planes(data, target, mean, gain, beta)


def gradients(
    grad: Array,
    x: Array,
    out: Array,
    mean: Array,
    inverse: Array,
    gamma: Array,
    *,
    through: bool,
) -> tuple[Array, Array]:
    """Fill `out` with the gradient by the data; return the sums behind those of bias and weight.

    `through` says whether the statistics are the data's own.
    """
    channels, n = x.shape[1], values_per_channel(x)
    totals, projections = np.zeros(channels), np.zeros(channels)
    if not n:
        return totals, projections
    arrays = stored(grad), stored(x), stored(out)
    alone, run, gain = _alone(*arrays), run_of(*arrays), inverse * gamma
    if run:
        g, data, target = rows(run, *arrays)
        sums = rows_backward.sums if alone else rows_backward.sums_in_threads
        sums(g, data, run, mean, inverse, totals, projections)
        per_channel = np.stack([mean, inverse, gain, totals / n, projections / n])
        propagate = rows_backward.propagate if alone else rows_backward.propagate_in_threads
        propagate(g, data, target, run, per_channel, through)
    elif alone or channels >= numba_planes.PARTS:
        backward = planes_backward.backward if alone else planes_backward.backward_in_threads
        g, data, target = planes(*arrays)
        backward(g, data, target, mean, inverse, gain, through, totals, projections)
    else:
        g, data, target = planes(*arrays)
        planes_backward.sums_in_parts(g, data, mean, inverse, totals, projections)
        shares, slopes = totals / n, projections / n
        planes_backward.propagate_in_parts(
            g, data, target, mean, inverse, gain, shares, slopes, through
        )
    return totals, projections


def _alone(*arrays: Array) -> bool:
    """Return whether this thread does it all: of little data, or of data with gaps."""
    contiguous = run_of(*arrays) or all(array.flags.c_contiguous for array in arrays)
    return arrays[0].size <= ALONE or not contiguous
