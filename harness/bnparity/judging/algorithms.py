"""What accurate algorithms for mean and variance lose beside the sums of their definition.

Some shift the data by one of them, some update a mean value by value, or merge those of blocks:
Chan, Golub and LeVeque, "Algorithms for computing the sample variance" (1983). `harness/BOUNDS.md`
derives the lines.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from bnparity_reference.records import Statistics

from bnparity.judging.nonfinite import Array
from bnparity.judging.summation import CHANCE, DEVIATES, loss_in_any_order

#: Independent errors that are anything up to a size have a third of its square as mean square.
_UNIFORM = DEVIATES / sqrt(3.0)
#: What rounding each step of a random walk about 0 comes to, in units of its step: both together
#: are as unlikely as `CHANCE` says, and the walk's mean square has the tail exp(-x pi ** 2 / 2).
_WALK = CHANCE / (np.pi * sqrt(3.0)) + 2.0


@dataclass(frozen=True, kw_only=True)
class Losses:
    """What the mean and the biased variance of each channel may be off by, (C, 1)."""

    mean: Array
    var: Array


def losses(x: Array, batch: Statistics, unit: float) -> Losses:
    """Return what any accurate algorithm may lose of the moments of rows (C, n)."""
    shifted, updated = _shifted(x, batch, unit), _updated(x, batch, unit)
    return Losses(
        mean=np.maximum(shifted.mean, updated.mean), var=np.maximum(shifted.var, updated.var)
    )


def _shifted(x: Array, batch: Statistics, unit: float) -> Losses:
    """Return the losses of sums of the data less one of them: the one that is farthest out."""
    off = np.abs(x - batch.mean)
    farthest = np.take_along_axis(x, off.argmax(axis=1, keepdims=True), axis=1)
    n, moved = x.shape[1], x - farthest
    mean = loss_in_any_order(moved, unit) / n
    var = loss_in_any_order(moved * moved, unit) / n + 2.0 * np.abs(batch.mean - farthest) * mean
    return Losses(mean=mean, var=var)


def _updated(x: Array, batch: Statistics, unit: float) -> Losses:
    """Return the losses of a mean and a sum of squares that are updated value by value."""
    n = x.shape[1]
    d = x - batch.mean
    var = np.add.reduce(d * d, axis=1, keepdims=True) / n
    deviation, off = np.sqrt(var), unit * np.abs(batch.mean)
    mean = _UNIFORM * off * sqrt(n / 3.0) + _WALK * unit * deviation
    # Values that move the mean by less than its spacing do not move it: what they had to add is
    # what the mean of the values before them was off by.
    unmoved = n * 2.0 * off > deviation
    mean = mean + np.where(unmoved, DEVIATES * np.sqrt(2.0 * off * deviation), 0.0)
    return Losses(mean=mean, var=(_UNIFORM * sqrt(n) + 3.0) * unit * var)
