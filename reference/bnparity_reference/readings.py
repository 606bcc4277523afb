"""Arguments and results read in another way: channels of another axis, NaN that does not show."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect

Array = NDArray[np.float64]


def data_of(dialect: Dialect, x: Array) -> Array:
    """Return the data as the dialect takes NaN among them."""
    return np.where(np.isnan(x), 0.0, x) if dialect.nan == "replaced" else x


def shown_of(dialect: Dialect, output: Array) -> Array:
    """Return the output as the dialect shows NaN in it."""
    return np.where(np.isnan(output), 0.0, output) if dialect.nan == "hidden" else output


def axis_of(
    dialect: Dialect, shape: Sequence[int], per_channel: Sequence[Array | None], given: int
) -> int:
    """Return the axis that channels are taken from where `given` says where they are."""
    if dialect.channel_axis == "1":
        return given
    fits = all(len(array) == shape[-1] for array in per_channel if array is not None)
    return len(shape) - 1 if fits else given
