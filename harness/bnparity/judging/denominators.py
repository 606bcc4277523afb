"""The bound of 1 / denominator, for each of the denominators that a dialect may have.

Differences are taken instead of derivatives: where the variance is lost, its error is as large as
itself.
"""

import numpy as np
from bnparity_reference import Dialect
from bnparity_reference.records import Forward, Update
from numpy.typing import NDArray

from bnparity.judging.limits import Arithmetic
from bnparity.judging.nonfinite import Array


def rootless(forward: Forward, limits: Arithmetic) -> NDArray[np.bool_]:
    """Return in which channels (C, 1) the root is of less than 0, however it is rounded."""
    if limits.dialect.denominator == "variance" or forward.stored:
        return np.zeros_like(forward.used.var, dtype=np.bool_)
    var, eps = forward.used.var, _inside(forward.eps, limits.dialect)
    below: NDArray[np.bool_] = var + eps + limits.unit * (np.abs(var) + eps) < 0.0
    return below


def added_after(forward: Forward, dialect: Dialect) -> float:
    """Return what is added to the normalised data."""
    return forward.eps if dialect.eps_placement == "after_division" else 0.0


def inverse_bound(forward: Forward, error: Array, limits: Arithmetic) -> Array:
    """Return the relative bound of 1 / denominator, given that of the variance."""
    if forward.stored:
        return np.where(error > 0.0, error / np.abs(forward.used.var), 0.0) + limits.unit
    return _of_variance(forward.used.var, forward.eps, forward.scale, error, limits)


def entered_bound(update: Update, error: Array, limits: Arithmetic) -> Array:
    """Return the bound of 1 / denominator, of a batch's variance that is off by `error`."""
    assert update.batch is not None
    inverse = update.new_var
    relative = _of_variance(update.batch.var, update.eps, 1.0 / inverse, error, limits)
    return np.abs(inverse) * relative


def _of_variance(var: Array, given: float, scale: Array, error: Array, limits: Arithmetic) -> Array:
    """Return the relative bound of 1 / `scale`, made of a variance and the `given` eps."""
    eps, dialect = limits.unit * given + limits.tiny, limits.dialect
    below = error
    if dialect.variance_algorithm == "two_pass":  # a sum of squares is never negative
        below = np.minimum(error, var)
    narrowest = _denominator(var - below, max(given - eps, 0.0), dialect)
    widest = _denominator(var + error, given + eps, dialect)
    shrunk = _gap(var - below, below, min(eps, given), narrowest + scale, dialect)
    grown = _gap(var, error, eps, scale + widest, dialect)
    return np.maximum(shrunk / narrowest, grown / widest) + limits.unit


def _inside(eps: float, dialect: Dialect) -> float:
    """Return what of eps is added to the variance."""
    return eps if dialect.eps_placement == "inside" else 0.0


def _denominator(var: Array, eps: float, dialect: Dialect) -> Array:
    if dialect.denominator == "variance":
        return var + eps
    if dialect.eps_placement == "outside":
        return np.sqrt(var) + eps
    return np.sqrt(var + _inside(eps, dialect))


def _gap(var: Array, more: Array, eps: float, scales: Array, dialect: Dialect) -> Array:
    """Return by how much the denominator grows from `var` to `var` + `more`, and with `eps` more.

    Subtracting the two, whose sum is `scales`, would lose in float64 what is to be bounded.
    """
    if dialect.denominator == "variance":
        return more + eps
    if dialect.eps_placement != "outside":
        return (more + _inside(eps, dialect)) / scales
    roots = np.sqrt(var) + np.sqrt(var + more)
    return np.where(more > 0.0, more / roots, 0.0) + eps
