"""A mask: which values of the data take part in the batch's mean and variance.

One that is left out is normalised like the others, and its gradient goes straight to it; what the
others' share of it is goes through the statistics.
"""

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect
from bnparity_reference.double_double import DoubleDouble
from bnparity_reference.rows import to_rows

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

#: What Keras adds to the number of values that are left in.
EPSILON = 1e-7


def rows_of(mask: Mask, x: Array, channel_axis: int) -> Mask:
    """Return a mask that goes with the data `x` as rows (C, n)."""
    whole = np.broadcast_to(np.asarray(mask, dtype=np.bool_), np.shape(x)).astype(np.float64)
    rows: Mask = to_rows(whole, channel_axis) != 0.0
    return rows


def read_by(dialect: Dialect, rows: Mask) -> Mask | None:
    """Return which values a dialect leaves in; None where that is all without a question."""
    if dialect.mask == "ignored":
        return None
    left = ~rows if dialect.mask == "inverted" else rows
    plain = dialect.masked_count != "epsilon"
    return None if plain and left.all() else left


def without_nan(dialect: Dialect, left: Mask | None, rows: Array) -> Mask | None:
    """Return which values of `rows` (C, n) are left in, of those that a mask leaves.

    These are all, but for NaN where the dialect ignores it; None is all without a question.
    """
    missing = np.isnan(rows)
    if dialect.nan != "ignored" or not missing.any():
        return left
    return ~missing if left is None else left & ~missing


def hidden_by(dialect: Dialect, mask: Mask | None, x: Array) -> Mask | None:
    """Return where the output is 0 for the sake of a mask, like `x`; None where it never is."""
    if mask is None or dialect.masked_output == "normalized":
        return None
    whole = np.broadcast_to(np.asarray(mask, dtype=np.bool_), np.shape(x))
    return whole if dialect.mask == "inverted" else ~whole


def counted(mask: Mask) -> Array:
    """Return how many values of each channel are left in, (C, 1)."""
    return np.add.reduce(mask, axis=1, keepdims=True, dtype=np.float64)


def divisor_of(dialect: Dialect, mask: Mask) -> DoubleDouble:
    """Return what the sums of the values that are left in are divided by, (C, 1)."""
    count = counted(mask)
    if dialect.masked_count == "all":
        return DoubleDouble(np.full_like(count, mask.shape[1]))
    if dialect.masked_count == "left_in":
        return DoubleDouble(count)
    return (DoubleDouble(count) + DoubleDouble(np.full_like(count, EPSILON))).normalized()


def left_in(numbers: DoubleDouble, mask: Mask | None) -> DoubleDouble:
    """Return the numbers, 0 where a value is left out, (C, n); without a mask as they are."""
    if mask is None:
        return numbers
    lo = None if numbers.lo is None else np.where(mask, numbers.lo, 0.0)
    return DoubleDouble(np.where(mask, numbers.hi, 0.0), lo)
