"""What a sum may lose by rounding, whoever takes it in whatever order.

`harness/BOUNDS.md` derives the lines. Most is lost by the serial sum: a partial sum stands on the
grid of its own spacing, so that adding a term loses what the term is off that grid, and nothing
else. What all terms are off the grids of the partial sums is known from the data. It is 0 where all
terms are multiples of a power of two and their sum is not too long; it averages out where the
terms' last digits are anything; and it adds up where terms are alike.
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

    The orders are those by value, and all that are chosen without a look at the terms.
    """
    magnitude, n = _sum(np.abs(terms)), terms.shape[1]
    spacing = spacing_of(magnitude, unit)
    worst = np.zeros_like(magnitude)
    if not _off_grid(terms, spacing).any():
        return worst
    terms = np.sort(terms, axis=1)
    # A finer grid loses at most half its spacing a term: once that is less, it does not count.
    while np.any(n * spacing / 2.0 > worst):
        off = _off_grid(terms, spacing)
        worst = np.maximum(worst, _loss(off, spacing))
        # Terms on this grid are on every finer one.
        spacing = np.where(_any(off), spacing / 2.0, 0.0)
    most: Array = n * unit * magnitude
    return np.fmin(worst, most)  # at the ends of the range the first may have no value


def is_exact(terms: Array, unit: float) -> NDArray[np.bool_]:
    """Return which rows (C, n) have the same sum in any order, without an error: (C, 1)."""
    return ~_any(_off_grid(terms, spacing_of(_sum(np.abs(terms)), unit)))


def spacing_of(magnitude: Array, unit: float) -> Array:
    """Return the distance of two numbers of this magnitude, a power of two; 0 for 0."""
    spacing: Array = np.ldexp(2.0 * unit, np.frexp(magnitude)[1] - 1)
    return np.where(magnitude > 0.0, spacing, 0.0)


def bias_on_grid(terms: Array, spacing: Array) -> Array:
    """Return what terms (C, n) lose together, (C, 1), rounded to multiples of `spacing` (C, 1)."""
    off = _off_grid(terms, spacing)
    return np.abs(_sum(off)) + _undecided(np.abs(off), spacing)


def _any(rows: Array) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.logical_or.reduce(rows, axis=1, keepdims=True)
    return found


def _off_grid(terms: Array, spacing: Array) -> Array:
    """Return how far each term is from the nearest multiple of `spacing`; 0 where that is 0.

    A power of two is divided and multiplied by without an error.
    """
    off = terms * np.divide(1.0, spacing, out=np.zeros_like(spacing), where=spacing > 0.0)
    np.rint(off, out=off)
    off *= spacing
    off -= np.where(spacing > 0.0, terms, 0.0)
    return off


def _loss(off: Array, spacing: Array) -> Array:
    """Return what terms in a row that are so far `off` the grid add up to, and by chance beside."""
    size = np.abs(off)
    # Bernstein's inequality, of draws without replacement too.
    chance = DEVIATES * np.sqrt(_squares(off)) + 2.0 / 3.0 * CHANCE * _max(size)
    partial_sums = np.add.accumulate(off, axis=1)
    least = np.minimum.reduce(partial_sums, axis=1, keepdims=True, initial=0.0)
    return _max(partial_sums) - least + chance + _undecided(size, spacing)


def _undecided(size: Array, spacing: Array) -> Array:
    """Return by how much the terms midway between two multiples may all go to the other one."""
    return spacing * _sum((size == spacing / 2.0).astype(np.float64))


def _squares(rows: Array) -> Array:
    squares: Array = np.einsum("ij,ij->i", rows, rows)[:, np.newaxis]
    return squares
