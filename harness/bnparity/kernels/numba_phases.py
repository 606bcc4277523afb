"""The three steps of the Numba kernel, each by the loops that fit how the data lie and how many.

`bnparity.kernels.numba_kernel` imports this when it is first called: it needs Numba.
"""

from typing import Any

import numba
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
#: Bytes that a group of channels has in a row, at least: shorter runs of memory take longer.
RUN = 1 << 16


def forward(x: Array, out: Array, gamma: Array, beta: Array, eps: float) -> tuple[Array, Array]:
    """Fill `out`, which lies as `x` does, by the batch's statistics; return them, in float64."""
    mean, var = np.empty(x.shape[1]), np.empty(x.shape[1])
    if not values_per_channel(x):
        mean[:] = var[:] = np.nan
        return mean, var
    alone, run, arrays = _alone(x, out), run_of(x, out), (stored(x), stored(out))
    if not run and alone:
        numba_planes.train(*planes(*arrays), gamma, beta, eps, mean, var)
        return mean, var
    if not run and _many(x):
        data, target = planes(*arrays)
        numba_planes.train_in_threads(data, target, _groups(x), gamma, beta, eps, mean, var)
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
        apply(*rows(run, *arrays), run, mean, gain, beta)
    elif alone:
        numba_planes.apply(*planes(*arrays), mean, gain, beta)
    else:
        groups, parts = (_groups(x), 1) if _many(x) else (x.shape[1], numba_planes.PARTS)
        numba_planes.apply_in_threads(*planes(*arrays), groups, parts, mean, gain, beta)


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
    sums, per_channel = np.zeros((2, channels)), np.empty((5, channels))
    per_channel[0], per_channel[1], per_channel[2] = mean, inverse, inverse * gamma
    if not n:
        return sums[0], sums[1]
    arrays = stored(grad), stored(x), stored(out)
    alone, run = _alone(*arrays), run_of(*arrays)
    if run:
        g, data, target = rows(run, *arrays)
        add = rows_backward.sums_alone if alone else rows_backward.sums_in_threads
        add(g, data, run, per_channel, sums)
        per_channel[3:] = sums / n
        propagate = rows_backward.propagate if alone else rows_backward.propagate_in_threads
        propagate(g, data, target, run, per_channel, through)
    elif alone:
        planes_backward.backward(*planes(*arrays), per_channel, through, sums)
    elif _many(x):
        g, data, target = planes(*arrays)
        planes_backward.backward_in_threads(g, data, target, _groups(x), per_channel, through, sums)
    else:
        g, data, target = planes(*arrays)
        planes_backward.sums_in_parts(g, data, per_channel, sums)
        per_channel[3:] = sums / n
        planes_backward.propagate_in_parts(g, data, target, per_channel, through)
    return sums[0], sums[1]


def _alone(*arrays: Array) -> bool:
    """Return whether this thread does it all: of little data, or of data with gaps."""
    contiguous = run_of(*arrays) or all(array.flags.c_contiguous for array in arrays)
    return arrays[0].size <= ALONE or not contiguous


def _many(x: Array) -> bool:
    """Return whether there are channels enough for every thread to have its own."""
    return x.shape[1] >= numba_planes.PARTS


def _groups(x: Array) -> int:
    """Return how many groups the channels are taken in: as many for each thread."""
    threads, in_a_row = numba.get_num_threads(), x.nbytes // (x.shape[0] * x.shape[1])
    wanted = x.shape[1] * in_a_row // RUN
    return min(x.shape[1], max(1, -(-wanted // threads)) * threads)
