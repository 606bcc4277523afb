"""What a sum may lose by rounding, whoever takes it in whatever order.

`harness/BOUNDS.md` derives the lines. The sum that is lost most is the serial one: a partial sum
stands on the grid of its own spacing, so that adding a term loses what the term is off that grid, and
nothing else. What all terms are off the grids of the partial sums is known from the data. It is 0
where all terms are multiples of a power of two and their sum is not too long; it averages out where
the terms' last digits are anything; and it adds up where terms are alike.
"""

from collections.abc import Callable
from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_sum: Callable[[Array], Array] = partial(np.add.reduce, axis=1, keepdims=True)
_max: Callable[[Array], Array] = partial(np.maximum.reduce, axis=1, keepdims=True, initial=0.0)

#: The exponent of a chance that is not taken: exp(-32) is 1e-14, of each sum and side.
CHANCE = 32.0
#: Times the root of a sum of independent errors' mean squares: more is less likely than that.
DEVIATES = sqrt(2.0 * CHANCE)


def loss_in_any_order(terms: Array, unit: float) -> Array:
    """Return what the sum of each row (C, n) may lose, (C, 1), whose unit roundoff is `unit`.

    The orders are those that are chosen without a look at the terms.
    """
    magnitude = _sum(np.abs(terms))
    n, spacing = terms.shape[1], _spacing(magnitude, unit)
    worst = np.zeros_like(magnitude)
    # A finer grid loses at most half its spacing a term: once that is less, it does not count.
    while np.any(n * spacing / 2.0 > worst):
        off = _off_grid(terms, spacing)
        worst = np.maximum(worst, _loss(off, spacing))
        # Terms on this grid are on every finer one.
        spacing = np.where(_any(off), spacing / 2.0, 0.0)
    return np.minimum(worst, n * unit * magnitude)


def is_exact(terms: Array, unit: float) -> NDArray[np.bool_]:
    """Return which rows (C, n) have the same sum in any order, without an error: (C, 1)."""
    off = _off_grid(terms, _spacing(_sum(np.abs(terms)), unit))
    return ~_any(off)


def _any(rows: Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.logical_or.reduce(rows != 0.0, axis=1, keepdims=True)
    return found


def _spacing(magnitude: Array, unit: float) -> Array:
    """Return the distance of two numbers of this magnitude, a power of two; 0 for 0."""
    spacing: Array = np.ldexp(2.0 * unit, np.frexp(magnitude)[1] - 1)
    return np.where(magnitude > 0.0, spacing, 0.0)


def _off_grid(terms: Array, spacing: Array) -> Array:
    """Return how far each term is from the nearest multiple of `spacing`; 0 where that is 0."""
    multiples = np.rint(terms / np.where(spacing > 0.0, spacing, 1.0))
    return np.where(spacing > 0.0, multiples * spacing - terms, 0.0)


def _loss(off: Array, spacing: Array) -> Array:
    """Return what terms that are so far `off` the grid may add up to: all, or by chance a part.

    Midway between two multiples the partial sum decides: such terms may all be rounded one way.
    """
    size = np.abs(off)
    midway = size == spacing / 2.0
    together = np.abs(_sum(np.where(midway, 0.0, off))) + _sum(np.where(midway, size, 0.0))
    # Bernstein's inequality, of draws without replacement too.
    apart = DEVIATES * np.sqrt(_sum(off * off)) + 2.0 / 3.0 * CHANCE * _max(size)
    return together + np.minimum(apart, _sum(size))
