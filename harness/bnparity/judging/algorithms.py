"""What accurate algorithms for mean and variance lose beside the sums of their definition.

Some shift the data by one of them, some update a mean value by value, or merge those of blocks:
Chan, Golub and LeVeque, "Algorithms for computing the sample variance" (1983). `harness/BOUNDS.md`
derives the lines.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from bnparity_reference.records import Forward, Statistics

from bnparity.judging.nonfinite import Array
from bnparity.judging.summation import (
    CHANCE,
    DEVIATES,
    bias_on_grid,
    loss_in_any_order,
    spacing_of,
)

#: Independent errors that are anything up to a size have a third of its square as mean square.
_UNIFORM = DEVIATES / sqrt(3.0)
#: What rounding each step of a random walk about 0 comes to, in units of its step: both together
#: are as unlikely as `CHANCE` says, and the walk's mean square has the tail exp(-x pi ** 2 / 2).
_WALK = CHANCE / (np.pi * sqrt(3.0)) + 2.0

#: So many counts of values are looked at, four in a factor of two: the last ones count most.
_COUNTS = 8


@dataclass(frozen=True, kw_only=True)
class Losses:
    """What the mean and the biased variance of each channel may be off by, (C, 1)."""

    mean: Array
    var: Array


def losses(x: Array, batch: Statistics, unit: float, *, updating: bool) -> Losses:
    """Return what any accurate algorithm may lose of the moments of rows (C, n).

    Those that are `updating` their mean are among them, or not.
    """
    shifted = _shifted(x, batch, unit)
    if not updating:
        return shifted
    updated = _updated(x, batch, unit)
    return Losses(
        mean=np.maximum(shifted.mean, updated.mean), var=np.maximum(shifted.var, updated.var)
    )


def losses_of(forward: Forward, batch: Statistics, unit: float, *, updating: bool) -> Losses:
    """Return what any accurate algorithm may lose of the moments of the values that count.

    A mask may leave another number of them in each channel: these are looked at one by one.
    """
    if forward.mask is None:
        return losses(forward.x, batch, unit, updating=updating)
    found = Losses(mean=np.zeros_like(batch.mean), var=np.zeros_like(batch.var))
    for channel, kept in enumerate(forward.mask):
        if kept.any():
            own = slice(channel, channel + 1)
            of_channel = Statistics(mean=batch.mean[own], var=batch.var[own])
            lost = losses(forward.x[own, kept], of_channel, unit, updating=updating)
            found.mean[own], found.var[own] = lost.mean, lost.var
    return found


def _shifted(x: Array, batch: Statistics, unit: float) -> Losses:
    """Return the losses of sums of the data less the one that memory begins or ends with."""
    ends = x[:, [0, -1]]
    far = np.abs(ends - batch.mean).argmax(axis=1, keepdims=True)
    origin = np.take_along_axis(ends, far, axis=1)
    n, moved = x.shape[1], x - origin
    mean = loss_in_any_order(moved, unit) / n
    var = loss_in_any_order(moved * moved, unit) / n + 2.0 * np.abs(batch.mean - origin) * mean
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
    # The sum of squares is all of it at most, and at most what so many of the largest add up to.
    squares = np.minimum(var, np.maximum.reduce(d * d, axis=1, keepdims=True) / sqrt(3.0))
    alike = _alike(d, batch, var, unit)
    return Losses(
        mean=mean + alike.mean,
        var=unit * (_UNIFORM * sqrt(n) * squares + 3.0 * var) + alike.var,
    )


def _alike(d: Array, batch: Statistics, var: Array, unit: float) -> Losses:
    """Return what updates lose whose roundings are not independent, as of few different values.

    After i values the mean moves by d / i and the sum of squares by about (d - e) ** 2, where e is
    what the mean is off by: that is known of all values, on the grids of mean and sum.
    """
    n = d.shape[1]
    mean, squares = np.zeros_like(var), np.zeros_like(var)
    for i in np.ceil(n * 2.0 ** (-np.arange(_COUNTS) / 4.0)):
        steps = np.sqrt(var / i)
        grid = spacing_of(np.abs(batch.mean) + steps, unit)
        mean = np.maximum(mean, bias_on_grid(d / i, grid) / 2.0)
        for e in (steps, -steps):
            grid = spacing_of(i * var, unit)
            squares = np.maximum(squares, bias_on_grid((d - e) ** 2, grid) / n)
    return Losses(mean=mean, var=squares)
