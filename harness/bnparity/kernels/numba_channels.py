"""What the loops know of each channel: one table, ``(10, C)`` in float64, with a row of each.

One array is cheaper to hand to compiled code than ten.
"""

import numpy as np
from numba import njit

from bnparity.backends import Array
from bnparity.kernels.outputs import moved, unbiased

RUNNING_MEAN, RUNNING_VAR, WEIGHT, BIAS, VAR = range(5)
#: From here on, what gradients are computed from: the inverse is 1 / denominator, the gain that
#: times the weight, the shares those of one value in the sums of the gradient and of it times the
#: normalised data.
MEAN, INVERSE, GAIN, GRAD_SHARE, DATA_SHARE = range(5, 10)

_moved, _unbiased = (njit(cache=True, error_model="numpy")(rule) for rule in (moved, unbiased))


def table_of(
    channels: int,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
) -> Array:
    """Return the table of so many channels, as far as the arguments of a call, (C,), fill it."""
    table = np.empty((10, channels))
    table[WEIGHT] = 1.0 if weight is None else weight
    table[BIAS] = 0.0 if bias is None else bias
    if running_mean is not None and running_var is not None:
        table[RUNNING_MEAN], table[RUNNING_VAR] = running_mean, running_var
    return table


@njit(cache=True, error_model="numpy")
def settle(table: Array, start: int, end: int, eps: float) -> None:
    """Fill inverse and gain of some channels, once their variance is known."""
    inverse, gain = table[INVERSE, start:end], table[GAIN, start:end]
    var, weight = table[VAR, start:end], table[WEIGHT, start:end]
    for c in range(inverse.size):
        inverse[c] = 1.0 / np.sqrt(var[c] + eps)
        gain[c] = inverse[c] * weight[c]


@njit(cache=True, error_model="numpy")
def average(table: Array, count: int, share: float) -> None:
    """Move the running statistics by a batch's share; its variance is that of so many values."""
    for c in range(table.shape[1]):
        var = _unbiased(table[VAR, c], count)
        table[RUNNING_MEAN, c] = _moved(table[RUNNING_MEAN, c], table[MEAN, c], share)
        table[RUNNING_VAR, c] = _moved(table[RUNNING_VAR, c], var, share)


@njit(cache=True, error_model="numpy")
def share_out(table: Array, sums: Array, start: int, end: int, count: int, through: bool) -> None:
    """Fill the shares of some channels from their sums, (2, C), over so many values.

    If not `through` the statistics, what loops that apply a table need, instead of mean and bias:
    the gradient times the gain alone, with nothing added to it, to the sign of a zero.
    """
    for c in range(start, end):
        table[GRAD_SHARE, c], table[DATA_SHARE, c] = sums[0, c] / count, sums[1, c] / count
        if not through:
            table[MEAN, c], table[BIAS, c] = 0.0, -0.0
