"""Errors divided by bounds, where values are not all finite, normal and bounded too.

NumPy alone is needed here: every ``repro.py`` holds this function, so that a script without
bnparity judges as the judge does.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def ratios(
    excess: Array,
    got: Array,
    expected: Array,
    bound: Array,
    *,
    tiny: float,
    overflow: float,
    tight: float,
) -> Array:
    """Return the ratio of each element; the largest double stands for one without bound.

    Infinities and NaN have to be there where the bound is NaN, and nowhere else but where the
    result overflows. Storage may be flushed to zero. A bound of 0 allows no other bit.

    Parameters
    ----------
    excess
        The error of each element, less what its storage may take by rounding.
    got, expected, bound
        Of each element, in float64.
    tiny, overflow
        The smallest normal number, and the least magnitude that may be rounded to infinity.
    tight
        The largest ratio of an accurate result.

    Returns
    -------
    numpy.ndarray
        Of the shape of `got`, never negative.
    """
    found = excess / bound
    if found.size and found.max() <= tight and bound.min() > 0.0:
        return np.maximum(found, 0.0)
    largest = np.finfo(np.float64).max
    same = (got == expected) | (np.isnan(got) & np.isnan(expected))
    # An accurate result may lie that far out on the side of the infinity, whatever its own sign.
    same |= np.isinf(got) & (np.copysign(1.0, got) * expected >= overflow - tight * bound)
    same |= (got == 0.0) & (np.abs(expected) < tiny)
    same |= np.isposinf(bound)
    opposite = np.isinf(got) & (got == -expected)
    same |= np.isnan(bound) & ~np.isfinite(got) & ~opposite
    found = np.where(excess > 0.0, found, 0.0)
    found = np.where(np.isnan(excess) | np.isnan(bound) | (bound == 0.0), largest, found)
    return np.where(same, 0.0, np.minimum(found, largest))
