"""The three steps of the Numba kernel, each alone or in threads, by how the data lie and how many.

`bnparity.kernels.numba_kernel` imports this when it is first called: it needs Numba.
"""

import numpy as np

from bnparity.backends import Array
from bnparity.kernels import numba_tasks as tasks
from bnparity.kernels.numba_channels import MEAN, RUNNING_MEAN, RUNNING_VAR, VAR, settle
from bnparity.kernels.numba_views import cut, views


def forward(x: Array, out: Array, table: Array, eps: float) -> None:
    """Fill `out`, which lies as `x` does, by the batch's statistics, which the table gets."""
    if not x.size:
        table[MEAN] = table[VAR] = np.nan
        settle(table, 0, x.shape[1], eps)
        return
    data, target = views(x, out)
    groups, parts = cut(data, target)
    if groups * parts == 1:
        tasks.train(data, target, table, eps)
    elif parts == 1:
        tasks.train_in_threads(data, target, groups, table, eps)
    else:
        tasks.moments_in_threads(data, groups, parts, table)
        settle(table, 0, x.shape[1], eps)
        tasks.apply_in_threads(data, target, groups, parts, table)


def infer(x: Array, out: Array, table: Array, eps: float) -> None:
    """Fill `out`, which lies as `x` does, by the running statistics."""
    table[MEAN], table[VAR] = table[RUNNING_MEAN], table[RUNNING_VAR]
    settle(table, 0, x.shape[1], eps)
    if not x.size:
        return
    data, target = views(x, out)
    groups, parts = cut(data, target)
    if groups * parts == 1:
        tasks.apply(data, target, table)
    else:
        tasks.apply_in_threads(data, target, groups, parts, table)


def gradients(grad: Array, x: Array, out: Array, table: Array, *, through: bool) -> Array:
    """Fill `out` with the gradient by the data; return the sums behind the others, (2, C).

    `through` says whether the statistics are the data's own; if not, the table's mean is lost.
    """
    sums = np.zeros((2, x.shape[1]))
    if not x.size:
        return sums
    g, data, target = views(grad, x, out)
    groups, parts = cut(g, data, target)
    if groups * parts == 1:
        tasks.backward(g, data, target, table, through, sums)
    elif parts == 1:
        tasks.backward_in_threads(g, data, target, groups, table, through, sums)
    else:
        tasks.sums_in_threads(g, data, groups, parts, table, through, sums)
        tasks.propagate_in_threads(g, data, target, groups, parts, table, through)
    return sums
