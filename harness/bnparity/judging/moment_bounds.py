"""The bounds of the batch's mean and variance: those of sums over the values that count."""

import numpy as np
from bnparity_reference.records import Forward, Statistics

from bnparity.judging.limits import Arithmetic, row_maxima, row_sums, unless_beyond
from bnparity.judging.nonfinite import Array


def mean_bound(forward: Forward, limits: Arithmetic) -> Array:
    """Return the bound of the batch's mean, but for its own rounding."""
    x = forward.left_in(forward.x)
    magnitude = np.abs(x)
    total = row_sums(magnitude)
    lost = limits.lost(x, total)
    if limits.any_order:  # and shifted by the largest
        total = total + x.shape[1] * row_maxima(magnitude)
    return unless_beyond(total, lost / forward.values + limits.tiny, limits)


def variance_bound(
    batch: Statistics, forward: Forward, centred: Array, more: Array, limits: Arithmetic
) -> Array:
    """Return the bound of the batch's variance, given that of the centred data.

    `more` is what it may be off by beside.
    """
    x, n = forward.left_in(forward.x), forward.values
    from_mean = forward.left_in(x - batch.mean)
    squares, centred = from_mean * from_mean, forward.left_in(centred)
    var = row_sums(2.0 * np.abs(from_mean) * centred + centred * centred) / n
    total = row_sums(squares)
    var = var + limits.lost(squares, total) / n + more
    if limits.dialect.variance_algorithm == "one_pass":
        total = row_sums(x * x)
        square = np.abs(batch.mean) * limits.lost(x, row_sums(np.abs(x))) / n
        if limits.any_order:  # not both of its factors at once
            square = 2.0 * square
        var = var + limits.lost(x * x, total) / n + np.maximum(square, limits.unit * batch.mean**2)
    # The unbiased estimator scales the error as it scales the variance; by 2 at most.
    count = forward.count
    scale = count / np.maximum(count - 1.0, 1.0) if limits.dialect.bessel_count == "values" else 2.0
    bound: Array = var * scale + limits.tiny
    # Of constant data the squares are errors, and overflow as such.
    return unless_beyond(total + bound, bound, limits)
