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
from bnparity.kernels.numba_channels import (
    DATA_SHARE,
    GRAD_SHARE,
    MEAN,
    RUNNING_MEAN,
    RUNNING_VAR,
    VAR,
    settle,
)
from bnparity.kernels.numba_formats import stored
from bnparity.kernels.numba_views import planes, rows, run_of
from bnparity.kernels.phases import values_per_channel

Array = NDArray[Any]

#: Up to so many values a call is over before other threads have heard of it.
ALONE = 1 << 15
#: Bytes that a group of channels has in a row, at least: shorter runs of memory take longer.
RUN = 1 << 17


def forward(x: Array, out: Array, table: Array, eps: float) -> None:
    """Fill `out`, which lies as `x` does, by the batch's statistics, which the table gets."""
    run = run_of(x, out)
    if not x.size:
        table[MEAN] = table[VAR] = np.nan
        settle(table, 0, x.shape[1], eps)
    elif run:
        data, target = rows(run, stored(x), stored(out))
        if x.size <= ALONE:
            numba_rows.train(data, target, run, table, eps)
            return
        numba_rows.moments_in_threads(data, run, table)
        settle(table, 0, x.shape[1], eps)
        numba_rows.apply_in_threads(data, target, run, table)
    else:
        data, target = planes(stored(x), stored(out))
        if run is None or x.size <= ALONE:
            numba_planes.train(data, target, table, eps)
        elif _many(x):
            numba_planes.train_in_threads(data, target, _groups(x), table, eps)
        else:
            numba_planes.moments_in_parts(data, table)
            settle(table, 0, x.shape[1], eps)
            _apply_planes(data, target, table)


def infer(x: Array, out: Array, table: Array, eps: float) -> None:
    """Fill `out`, which lies as `x` does, by the running statistics."""
    table[MEAN], table[VAR] = table[RUNNING_MEAN], table[RUNNING_VAR]
    settle(table, 0, x.shape[1], eps)
    run = run_of(x, out)
    if not x.size:
        return
    if run:
        apply = numba_rows.apply if x.size <= ALONE else numba_rows.apply_in_threads
        data, target = rows(run, stored(x), stored(out))
        apply(data, target, run, table)
        return
    data, target = planes(stored(x), stored(out))
    if run is None or x.size <= ALONE:
        numba_planes.apply(data, target, table)
    else:
        _apply_planes(data, target, table)


def gradients(grad: Array, x: Array, out: Array, table: Array, *, through: bool) -> Array:
    """Fill `out` with the gradient by the data; return the sums behind the others, (2, C).

    `through` says whether the statistics are the data's own.
    """
    n, run, per_channel = values_per_channel(x), run_of(grad, x, out), table[MEAN:]
    sums = np.zeros((2, x.shape[1]))
    if not n:
        return sums
    arrays = stored(grad), stored(x), stored(out)
    if run:
        g, data, target = rows(run, *arrays)
        alone = x.size <= ALONE
        add = rows_backward.sums_alone if alone else rows_backward.sums_in_threads
        add(g, data, run, per_channel, sums)
        table[GRAD_SHARE], table[DATA_SHARE] = sums / n
        propagate = rows_backward.propagate if alone else rows_backward.propagate_in_threads
        propagate(g, data, target, run, per_channel, through)
        return sums
    g, data, target = planes(*arrays)
    if run is None or x.size <= ALONE:
        planes_backward.backward(g, data, target, per_channel, through, sums)
    elif _many(x):
        planes_backward.backward_in_threads(g, data, target, _groups(x), per_channel, through, sums)
    else:
        planes_backward.sums_in_parts(g, data, per_channel, sums)
        table[GRAD_SHARE], table[DATA_SHARE] = sums / n
        planes_backward.propagate_in_parts(g, data, target, per_channel, through)
    return sums


def _apply_planes(x: Array, out: Array, table: Array) -> None:
    groups, parts = (_groups(x), 1) if _many(x) else (x.shape[1], numba_planes.PARTS)
    numba_planes.apply_in_threads(x, out, groups, parts, table)


def _many(x: Array) -> bool:
    """Return whether there are channels enough for every thread to have its own."""
    return bool(x.shape[1] >= numba_planes.PARTS)


def _groups(x: Array) -> int:
    """Return how many groups the channels are taken in: as many for each thread."""
    threads, wanted = numba.get_num_threads(), x.nbytes // x.shape[0] // RUN
    return int(min(x.shape[1], max(1, -(-wanted // threads)) * threads))
