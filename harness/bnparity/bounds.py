"""The largest error that an accurate implementation may make, for every element of every output.

First-order rounding-error analysis after Higham, "Accuracy and Stability of Numerical Algorithms"
(2002), sections 1.9, 3.1 and 4.2, and Chan, Golub and LeVeque, "Algorithms for computing the
sample variance" (1983). With ``u`` the unit roundoff of the arithmetic and ``avg`` the mean over a
channel's n values, a sum in any order is off by at most ``u (n - 1) sum|terms|``; `growth` stands
for that factor. ``growth=1`` is what one relative perturbation of each input does: the *tight*
line, against which a ratio is measured. ``growth=n`` is the *any-order* line: no order of
summation crosses it. Where a first-order formula is a poor guide, because an error is as large as
the quantity itself, differences are taken instead of derivatives.
"""

from dataclasses import dataclass

import numpy as np
from bnparity_reference import Dialect, Exact, denominator
from bnparity_reference.oracle import Forward, Statistics, Update, from_rows
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: What the oracle's own float64 arithmetic adds to the unit roundoff under test.
ORACLE_UNIT = 2.0**-53


@dataclass(frozen=True, kw_only=True)
class _Errors:
    """Bounds of the intermediate results, a channel a row.

    ``xh`` of the normalised data and ``batch_mean``, ``batch_var`` of the batch's moments are
    absolute, ``inverse`` of 1 / denominator is relative.
    """

    xh: Array
    inverse: Array
    batch_mean: Array | None
    batch_var: Array | None


def bounds(
    exact: Exact, *, dialect: Dialect, unit: float, growth: float | None = None
) -> dict[str, Array | None]:
    """Return the bound of each output, in the output's shape, channels on axis 1.

    Parameters
    ----------
    exact
        The oracle's answer under `dialect`.
    unit
        Unit roundoff of the arithmetic under test, dimensionless.
    growth
        How rounding errors grow in a sum of n terms; None stands for n, any order.

    Returns
    -------
    dict
        Absolute error bounds, None where `exact` has no such output. NaN or infinite where an
        error has no bound: where the variance may be lost altogether and eps is 0, say.
    """
    unit = unit + ORACLE_UNIT
    k = float(exact.forward.x.shape[1] if growth is None else growth)
    with np.errstate(all="ignore"):
        errors = _errors(exact.forward, exact.update, dialect, unit, k)
        output = _output(exact.forward, errors, unit)
        return {
            "output": from_rows(output, exact.output, 1),
            **_running(exact.update, errors, unit),
            **_gradients(exact, errors, unit, k),
        }


def _errors(
    forward: Forward, update: Update | None, dialect: Dialect, unit: float, k: float
) -> _Errors:
    used, magnitude = forward.used, np.abs(forward.x)
    # Of running statistics that normalise: they are given, so only the subtraction rounds.
    centred, var = unit * (magnitude + np.abs(used.mean)), np.zeros_like(used.var)
    batch_mean, batch_var = None, None
    if used.from_batch or update is not None:
        batch = used if update is None else update.batch
        spread = _avg(magnitude)
        of_batch = unit * (magnitude + k * spread)
        batch_mean = unit * (k * spread + np.abs(batch.mean))
        batch_var = _variance(batch, forward.x, of_batch, dialect=dialect, unit=unit, k=k)
        if used.from_batch:
            centred, var = of_batch, batch_var
    inverse = _inverse(forward, dialect, unit, var + unit * forward.eps)
    xh = centred / forward.scale * (1.0 + inverse) + np.abs(forward.normalized) * inverse
    return _Errors(xh=xh, inverse=inverse, batch_mean=batch_mean, batch_var=batch_var)


def _variance(
    batch: Statistics, x: Array, centred: Array, *, dialect: Dialect, unit: float, k: float
) -> Array:
    """Return the bound of the batch's variance, given that of the centred data."""
    squares = batch.centred * batch.centred
    var = _avg(2.0 * np.abs(batch.centred) * centred + centred * centred + k * unit * squares)
    if dialect.variance_algorithm == "one_pass":
        var = var + k * unit * (_avg(x * x) + batch.mean * batch.mean)
    # The unbiased estimator scales the error as it scales the variance.
    n = x.shape[1]
    bound: Array = var * (n / max(n - 1, 1))
    return bound


def _inverse(forward: Forward, dialect: Dialect, unit: float, var: Array) -> Array:
    """Return the relative bound of 1 / denominator, given that of the variance."""
    lowest = forward.used.var - var
    if dialect.variance_algorithm == "two_pass":  # a sum of squares is never negative
        lowest = np.maximum(lowest, 0.0)
    narrowest = denominator(lowest, forward.eps, dialect)
    widest = denominator(forward.used.var + var, forward.eps, dialect)
    return np.maximum(forward.scale / narrowest - 1.0, 1.0 - forward.scale / widest) + unit


def _output(forward: Forward, errors: _Errors, unit: float) -> Array:
    product = forward.weight * forward.normalized
    rounding = np.abs(product) + np.abs(forward.bias) + np.abs(product + forward.bias)
    return np.abs(forward.weight) * errors.xh + unit * rounding


def _running(update: Update | None, errors: _Errors, unit: float) -> dict[str, Array | None]:
    if update is None:
        return {"running_mean": None, "running_var": None}
    if errors.batch_mean is None or errors.batch_var is None or update.share is None:
        unmoved = np.zeros(len(update.old_mean))  # to the bit
        return {"running_mean": unmoved, "running_var": unmoved}
    old_mean, old_var, batch, share = update.old_mean, update.old_var, update.batch, update.share
    return {
        "running_mean": _averaged(old_mean, batch.mean, errors.batch_mean, share, unit),
        "running_var": _averaged(old_var, batch.var, errors.batch_var, share, unit),
    }


def _averaged(old: Array, new: Array, new_error: Array, share: float, unit: float) -> Array:
    # The share and its complement are each off by a unit roundoff of 1, whichever is given.
    result = (1.0 - share) * old + share * new
    bound: Array = share * new_error + unit * (np.abs(old) + np.abs(new) + np.abs(result))
    return bound[:, 0]


def _gradients(exact: Exact, errors: _Errors, unit: float, k: float) -> dict[str, Array | None]:
    forward, backward = exact.forward, exact.backward
    if backward is None:
        return {"grad_input": None, "grad_weight": None, "grad_bias": None}
    g, xh = np.abs(backward.grad), np.abs(forward.normalized)
    n = g.shape[1]
    g_total, g_xh, g_error = _sum(g), _sum(g * xh), _sum(g * errors.xh)
    terms, total = unit * g, backward.grad
    if backward.through_statistics:
        # The factor of the projection is xh itself where eps stands inside the root.
        factor = forward.used.centred * backward.slope
        projection = ((1.0 + k) * unit * g_xh + g_error) / n
        terms = terms + unit * k * g_total / n + np.abs(factor) * projection
        terms = terms + errors.xh * (np.abs(backward.projection) + projection)
        total = total - backward.mean - factor * backward.projection
    gain = np.abs(forward.weight) / forward.scale
    inverse = errors.inverse
    grad_input = gain * (terms * (1.0 + inverse) + np.abs(total) * (inverse + unit))
    return {
        "grad_input": from_rows(grad_input, exact.output, 1),
        "grad_weight": (g_error + k * unit * g_xh)[:, 0],
        "grad_bias": k * unit * g_total[:, 0],
    }


def _avg(rows: Array) -> Array:
    average: Array = _sum(rows) / rows.shape[1]
    return average


def _sum(rows: Array) -> Array:
    total: Array = np.add.reduce(rows, axis=1, keepdims=True)
    return total
