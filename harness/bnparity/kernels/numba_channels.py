"""What the loops know of each channel: one table, ``(10, C)`` in float64, with a row of each.

One array is cheaper to hand to compiled code than ten.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]

RUNNING_MEAN, RUNNING_VAR, WEIGHT, BIAS, VAR = range(5)
#: From here on, what gradients are computed from, in this order: the inverse is 1 / denominator,
#: the gain that times the weight, the shares those of one value in the sums of the gradient and of
#: it times the normalised data.
MEAN, INVERSE, GAIN, GRAD_SHARE, DATA_SHARE = range(5, 10)


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
    for c in range(start, end):
        table[INVERSE, c] = 1.0 / np.sqrt(table[VAR, c] + eps)
        table[GAIN, c] = table[INVERSE, c] * table[WEIGHT, c]


@njit(cache=True, error_model="numpy")
def average(table: Array, count: int, share: float) -> None:
    """Move the running statistics by a batch's share; its variance is that of so many values."""
    unbiased = count / max(count - 1, 1)
    for c in range(table.shape[1]):
        mean, var = table[MEAN, c], table[VAR, c] * unbiased
        table[RUNNING_MEAN, c] = (1.0 - share) * table[RUNNING_MEAN, c] + share * mean
        table[RUNNING_VAR, c] = (1.0 - share) * table[RUNNING_VAR, c] + share * var
