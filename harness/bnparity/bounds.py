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
from typing import Any

import numpy as np
from bnparity_reference import Dialect, Exact, denominator
from bnparity_reference.oracle import Backward, Forward, Statistics, Update, from_rows
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: What the oracle's own float64 arithmetic adds to the unit roundoff under test.
ORACLE_UNIT = 2.0**-53


@dataclass(frozen=True, kw_only=True)
class _Normalized:
    """Error bounds of the intermediate results: ``xh`` of the normalised data, absolute;
    ``inverse`` of 1 / denominator, relative."""

    xh: Array
    inverse: Array


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
    n = exact.forward.x.shape[1]
    k = float(n if growth is None else growth)
    with np.errstate(all="ignore"):
        normalized = _normalized(exact.forward, dialect, unit, k)
        return {
            "output": from_rows(_output(exact.forward, normalized, unit), exact.output, 1),
            **_running(exact.forward.x, exact.update, dialect, unit, k),
            **_gradients(exact, normalized, unit, k),
        }


def _normalized(forward: Forward, dialect: Dialect, unit: float, k: float) -> _Normalized:
    used = forward.used
    if used.from_batch:
        centred, var = _moments(forward.x, used, dialect, unit, k)
    else:
        centred, var = unit * (np.abs(forward.x) + np.abs(used.mean)), np.zeros_like(used.var)
    var = var + unit * forward.eps
    widest = denominator(used.var + var, forward.eps, dialect)
    lowest = used.var - var
    if dialect.variance_algorithm == "two_pass":  # a sum of squares is never negative
        lowest = np.maximum(lowest, 0.0)
    narrowest = denominator(lowest, forward.eps, dialect)
    inverse = np.maximum(forward.scale / narrowest - 1.0, 1.0 - forward.scale / widest) + unit
    xh = centred / forward.scale * (1.0 + inverse) + np.abs(forward.normalized) * inverse
    return _Normalized(xh=xh, inverse=inverse)


def _moments(
    x: Array, batch: Statistics, dialect: Dialect, unit: float, k: float
) -> tuple[Array, Array]:
    """Return the bounds of the centred data and of the variance."""
    n = x.shape[1]
    magnitude = np.abs(x)
    centred = unit * (magnitude + k * _avg(magnitude))
    squares = 2.0 * np.abs(batch.centred) * centred + centred * centred
    var = _avg(squares) + k * unit * _avg(batch.centred * batch.centred)
    if dialect.variance_algorithm == "one_pass":
        var = var + k * unit * (_avg(x * x) + batch.mean * batch.mean)
    # The unbiased estimator scales the error as it scales the variance.
    return centred, var * (n / max(n - 1, 1))


def _output(forward: Forward, normalized: _Normalized, unit: float) -> Array:
    product = forward.weight * forward.normalized
    rounding = np.abs(product) + np.abs(forward.bias) + np.abs(product + forward.bias)
    return np.abs(forward.weight) * normalized.xh + unit * rounding


def _running(
    x: Array, update: Update | None, dialect: Dialect, unit: float, k: float
) -> dict[str, Array | None]:
    if update is None:
        return {"running_mean": None, "running_var": None}
    if update.share == 0.0:  # they must not move at all
        unmoved = np.zeros(len(x))
        return {"running_mean": unmoved, "running_var": unmoved}
    _, var = _moments(x, update.batch, dialect, unit, k)
    mean = unit * (k * _avg(np.abs(x)) + np.abs(update.batch.mean))
    return {
        "running_mean": _averaged(update.old_mean, update.batch.mean, mean, update.share, unit),
        "running_var": _averaged(update.old_var, update.batch.var, var, update.share, unit),
    }


def _averaged(old: Array, new: Array, new_error: Array, share: float, unit: float) -> Array:
    # The share and its complement are each off by a unit roundoff of 1, whichever is given.
    result = (1.0 - share) * old + share * new
    bound: Array = share * new_error + unit * (np.abs(old) + np.abs(new) + np.abs(result))
    return bound[:, 0]


def _gradients(
    exact: Exact, normalized: _Normalized, unit: float, k: float
) -> dict[str, Array | None]:
    forward, backward = exact.forward, exact.backward
    if backward is None:
        return {"grad_input": None, "grad_weight": None, "grad_bias": None}
    g, xh = np.abs(backward.grad), np.abs(forward.normalized)
    g_xh, g_error = _avg(g * xh), _avg(g * normalized.xh)
    n = g.shape[1]
    grad_input = _grad_input(forward, backward, normalized, unit, k)
    return {
        "grad_input": from_rows(grad_input, exact.output, 1),
        "grad_weight": n * (g_error + k * unit * g_xh)[:, 0],
        "grad_bias": n * k * unit * _avg(g)[:, 0],
    }


def _grad_input(
    forward: Forward, backward: Backward, normalized: _Normalized, unit: float, k: float
) -> Array:
    gain = np.abs(forward.weight) / forward.scale
    g, xh = np.abs(backward.grad), np.abs(forward.normalized)
    terms = unit * g
    total = backward.grad
    if backward.through_statistics:
        # The factor of the projection: xh itself where eps stands inside the root.
        factor = np.abs(forward.used.centred) * backward.slope
        projection = np.abs(backward.projection)
        projection_error = (1 + k) * unit * _avg(g * xh) + _avg(g * normalized.xh)
        terms = terms + unit * k * _avg(g) + factor * projection_error
        terms = terms + normalized.xh * (projection + projection_error)
        total = total - backward.mean - forward.used.centred * backward.slope * backward.projection
    bound: Array = terms * (1 + normalized.inverse) + np.abs(total) * (normalized.inverse + unit)
    return gain * bound


def _avg(rows: Array) -> Array:
    return np.add.reduce(rows, axis=1, keepdims=True) / rows.shape[1]
