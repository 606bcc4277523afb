"""The largest error that an accurate implementation may make, for every element of every output.

`harness/BOUNDS.md` derives each line and names its sources. With ``u`` the unit roundoff of the
arithmetic and ``avg`` the mean over a channel's n values, a sum in any order is off by at most
``u (n - 1) sum|terms|``; `growth` stands for that factor. ``growth=1`` is what one relative
perturbation of each input does: the *tight* line, against which a ratio is measured. ``growth=n``
is the *any-order* line: no order of summation crosses it. Where a first-order formula is a poor
guide, because an error is as large as the quantity itself, differences are taken instead of
derivatives. Numbers below the smallest normal one may be flushed to zero, arguments and results
alike; where a sum overflows, nothing is promised.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from bnparity_reference import Dialect, Exact
from bnparity_reference.double_double import UNIT
from bnparity_reference.records import Backward, Forward, Statistics, Update
from bnparity_reference.rows import from_rows
from numpy.typing import NDArray

from bnparity.backends import Format
from bnparity.judging.bounds_over_groups import bounds_over_groups
from bnparity.judging.nonfinite import Array, nonfinite_channels, with_nonfinite

_sum: Callable[[Array], Array] = partial(np.add.reduce, axis=1, keepdims=True)
_max: Callable[[Array], Array] = partial(np.maximum.reduce, axis=1, keepdims=True, initial=0.0)


@dataclass(frozen=True, kw_only=True)
class _Arithmetic:
    """What limits the arithmetic of ``dialect``: unit roundoff, growth in a sum, and the range."""

    dialect: Dialect
    unit: float
    growth: float
    tiny: float
    largest: float

    @property
    def shift(self) -> float:
        """What a shift of the data by one of them adds to a sum's growth: nothing if it is 1."""
        return self.growth - 1.0


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


def error_bounds(
    exact: Exact, *, dialect: Dialect, arithmetic: Format, growth: float | None = None
) -> dict[str, Array | None]:
    """Return the bound of each output, in the output's shape, channels on axis 1.

    Parameters
    ----------
    exact
        The oracle's answer under `dialect`; of a rank that synchronises, errors of the statistics
        are those of the whole batch, and those of its sums for weight and bias its own.
    arithmetic
        The format of intermediate results.
    growth
        How rounding errors grow in a sum of n terms; None stands for n, any order.

    Returns
    -------
    dict
        Absolute error bounds, None where `exact` has no such output. Infinite where nothing is
        promised: where a sum overflows, or the variance may be lost altogether and eps is 0. NaN
        where the result itself has to be infinite or NaN.
    """
    limits = _Arithmetic(
        dialect=dialect,
        unit=arithmetic.unit + UNIT,  # the oracle's own error is in every bound
        growth=float(exact.forward.x.shape[1] if growth is None else growth),
        tiny=arithmetic.tiny,
        largest=arithmetic.largest,
    )
    if exact.regrouped is not None:
        inner = error_bounds(
            exact.regrouped.inner, dialect=dialect, arithmetic=arithmetic, growth=growth
        )
        return bounds_over_groups(
            exact,
            exact.regrouped,
            inner,
            unit=limits.unit,
            growth=limits.growth,
            tiny=limits.tiny,
        )
    with np.errstate(all="ignore"):
        errors = _errors(exact.forward, exact.update, limits)
        output = _output(exact.forward, errors, limits)
        found = {
            "output": from_rows(output[:, exact.columns], exact.output, 1),
            **_running(exact.update, errors, limits),
            **_gradients(exact, errors, limits),
        }
        nonfinite = nonfinite_channels(exact) | _undefined(exact.forward, limits)
    return {name: with_nonfinite(name, bound, exact, nonfinite) for name, bound in found.items()}


def _undefined(forward: Forward, limits: _Arithmetic) -> NDArray[np.bool_]:
    """Return in which channels (C,) the dialect has no number to give: the root of less than 0."""
    if limits.dialect.single_value == "nan" and forward.from_batch and forward.x.shape[1] == 1:
        return np.ones(len(forward.x), dtype=np.bool_)
    var, eps = forward.used.var[:, 0], _inside(forward.eps, limits.dialect)
    below: NDArray[np.bool_] = var + eps + limits.unit * (np.abs(var) + eps) < 0.0
    return below if limits.dialect.denominator == "deviation" else np.zeros_like(below)


def _inside(eps: float, dialect: Dialect) -> float:
    """Return what of eps is added to the variance."""
    return eps if dialect.eps_placement == "inside" else 0.0


def _errors(forward: Forward, update: Update | None, limits: _Arithmetic) -> _Errors:
    used, magnitude, unit = forward.used, np.abs(forward.x), limits.unit
    # Of running statistics that normalise: they are given, so only the subtraction rounds.
    centred, var = unit * (magnitude + np.abs(used.mean)) + limits.tiny, np.zeros_like(used.var)
    batch_mean, batch_var = None, None
    batch = used if forward.from_batch else None
    if update is not None and update.batch is not None:
        batch = update.batch
    if batch is not None:
        total = _sum(magnitude)
        shifted = limits.shift * _max(magnitude)
        summed = limits.growth * total / magnitude.shape[1] + shifted
        summed = _unless_beyond(total + shifted, summed, limits)
        of_batch = unit * (magnitude + summed) + limits.tiny
        batch_mean = unit * (summed + np.abs(batch.mean)) + limits.tiny
        batch_var = _variance(batch, forward.x, of_batch, limits)
        if forward.from_batch:
            centred, var = of_batch, batch_var
        if forward.source == "updated" and update is not None:
            mean, var = (
                bound[:, np.newaxis] for bound in _updated(update, (batch_mean, batch_var), limits)
            )
            centred = unit * (magnitude + np.abs(used.mean)) + mean + limits.tiny
    inverse = _inverse(forward, limits, var)
    gain = (1.0 + np.abs(forward.weight)) / forward.scale
    largest = np.maximum.reduce((np.abs(used.mean), used.var, gain))  # per channel, (C, 1)
    inverse = np.where((largest > limits.largest) | np.isinf(var), np.inf, inverse)
    normalized = np.abs(forward.normalized)
    xh = centred / forward.scale * (1.0 + inverse) + normalized * inverse + limits.tiny
    xh = _unless_beyond(np.maximum(magnitude, normalized), xh, limits)
    return _Errors(xh=xh, inverse=inverse, batch_mean=batch_mean, batch_var=batch_var)


def _variance(batch: Statistics, x: Array, centred: Array, limits: _Arithmetic) -> Array:
    """Return the bound of the batch's variance, given that of the centred data."""
    from_mean, n = x - batch.mean, x.shape[1]
    squares = from_mean * from_mean
    rounding = limits.growth * limits.unit
    var = _sum(2.0 * np.abs(from_mean) * centred + centred * centred + rounding * squares) / n
    var = var + 2.0 * limits.shift * limits.unit * _max(squares)
    summed = squares
    if limits.dialect.variance_algorithm == "one_pass":
        summed = x * x
        var = var + rounding * (_sum(summed) / n + batch.mean * batch.mean)
    # The unbiased estimator scales the error as it scales the variance, at most by 2.
    scale = n / max(n - 1, 1) if limits.dialect.bessel_count == "values" else 2.0
    bound: Array = var * scale + limits.tiny
    # Of constant data the squares are errors, and overflow as such.
    return _unless_beyond(_sum(summed) + bound, bound, limits)


def _inverse(forward: Forward, limits: _Arithmetic, error: Array) -> Array:
    """Return the relative bound of 1 / denominator, given that of the variance."""
    var, eps, dialect = forward.used.var, limits.unit * forward.eps + limits.tiny, limits.dialect
    below = error
    if dialect.variance_algorithm == "two_pass":  # a sum of squares is never negative
        below = np.minimum(error, var)
    narrowest = _denominator(var - below, max(forward.eps - eps, 0.0), dialect)
    widest = _denominator(var + error, forward.eps + eps, dialect)
    shrunk = _gap(var - below, below, min(eps, forward.eps), narrowest + forward.scale, dialect)
    grown = _gap(var, error, eps, forward.scale + widest, dialect)
    return np.maximum(shrunk / narrowest, grown / widest) + limits.unit


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


def _output(forward: Forward, errors: _Errors, limits: _Arithmetic) -> Array:
    product, after = forward.weight * forward.normalized, _after(forward, limits.dialect)
    rounding = np.abs(product) + np.abs(forward.bias) + np.abs(product + forward.bias)
    rounding = rounding + 3.0 * np.abs(forward.weight) * after
    return np.abs(forward.weight) * errors.xh + limits.unit * rounding + limits.tiny


def _after(forward: Forward, dialect: Dialect) -> float:
    """Return what is added to the normalised data."""
    return forward.eps if dialect.eps_placement == "after_division" else 0.0


def _running(
    update: Update | None, errors: _Errors, limits: _Arithmetic
) -> dict[str, Array | None]:
    if update is None:
        return {"running_mean": None, "running_var": None}
    if (
        update.batch is None
        or update.share is None
        or errors.batch_mean is None
        or errors.batch_var is None
    ):
        # To the bit, unless they pass through a coarse arithmetic on their way.
        unmoved = [np.zeros(len(update.old_mean))] * 2
        if limits.dialect.arithmetic != "wide":
            olds = (update.old_mean[:, 0], update.old_var[:, 0])
            unmoved = [limits.unit * np.abs(old) + limits.tiny for old in olds]
        return dict(zip(("running_mean", "running_var"), unmoved, strict=True))
    found = _updated(update, (errors.batch_mean, errors.batch_var), limits)
    names = ["running_mean", "running_var"]
    if limits.dialect.running_statistics == "swapped":
        names.reverse()
    return dict(zip(names, found, strict=True))


def _updated(
    update: Update, batch_errors: tuple[Array, Array], limits: _Arithmetic
) -> tuple[Array, Array]:
    """Return the bounds of the running mean and variance (C,) after a batch with such errors."""
    weights = (update.kept or 0.0, update.share or 0.0)
    batch, (mean_error, var_error) = update.batch, batch_errors
    assert batch is not None
    if limits.dialect.running_variance_about == "old_mean":
        # Deviations are from what is given: their mean square is off by their rounding at most.
        offset = np.abs(batch.mean - update.old_mean)
        var_error = var_error + 2.0 * (
            offset * (mean_error + limits.unit * np.abs(update.old_mean))
            + limits.growth * limits.unit * batch.var
        )
    return (
        _averaged(update.old_mean, batch.mean, mean_error, weights, limits),
        _averaged(update.old_var, batch.var, var_error, weights, limits),
    )


def _averaged(
    old: Array, new: Array, new_error: Array, weights: tuple[float, float], limits: _Arithmetic
) -> Array:
    # The share and its complement are each off by a unit roundoff of 1, whichever is given.
    kept, share = weights
    result = kept * old + share * new
    scale = max(1.0, abs(share), abs(kept))
    terms = scale * (np.abs(old) + np.abs(new)) + np.abs(result)
    bound: Array = abs(share) * new_error + limits.unit * terms + limits.tiny
    return bound[:, 0]


def _gradients(exact: Exact, errors: _Errors, limits: _Arithmetic) -> dict[str, Array | None]:
    backward = exact.backward
    if backward is None:
        return {"grad_input": None, "grad_weight": None, "grad_bias": None}
    forward, n = backward.forward, exact.forward.x.shape[1]
    if _differs(forward, exact.forward):
        errors = _errors(forward, exact.update, limits)
    by_weight, by_bias = _sums(forward, backward, errors, slice(None), limits)
    degrees = max(n - 1, 1) if limits.dialect.gradient == "bessel" else n
    terms, total = limits.unit * np.abs(backward.grad) + limits.tiny, backward.grad
    if backward.through_statistics:
        through = _through_variance(backward, errors, by_weight / degrees, limits)
        terms = terms + by_bias / degrees + through
        total = total - backward.mean - _through(backward) * backward.projection
    gain, inverse = np.abs(forward.weight) / forward.scale, errors.inverse
    rounding_of_result = np.abs(total) * (inverse + limits.unit)
    by_input = gain * (terms * (1.0 + inverse) + rounding_of_result) + limits.tiny
    if backward.grad[:, exact.columns].shape[1] < n:  # a rank sums over its own values
        by_weight, by_bias = _sums(forward, backward, errors, exact.columns, limits)
    return {
        "grad_input": from_rows(by_input[:, exact.columns], exact.output, 1),
        "grad_weight": by_weight[:, 0],
        "grad_bias": by_bias[:, 0],
    }


def _sums(
    forward: Forward, backward: Backward, errors: _Errors, columns: slice, limits: _Arithmetic
) -> tuple[Array, Array]:
    """Return the bounds of grad_weight and grad_bias, as sums over some columns of the rows."""
    g, xh = np.abs(backward.grad[:, columns]), np.abs(forward.normalized[:, columns])
    n = g.shape[1]
    rounding = min(limits.growth, float(n)) * limits.unit
    g_total, g_xh = _sum(g), _sum(g * xh)
    by_bias = _unless_beyond(g_total, rounding * g_total + n * limits.tiny, limits)
    of_xh = errors.xh[:, columns]
    product = _sum(g * of_xh + limits.unit * g * xh + limits.tiny * (1.0 + g + xh))
    # Sums of g (x - mean), to be divided afterwards, are larger still.
    largest_sum = np.maximum(g_xh, _sum(g * np.abs(forward.centred[:, columns])))
    by_weight = _unless_beyond(largest_sum, product + rounding * g_xh, limits)
    after = _after(forward, limits.dialect)
    return by_weight + after * (by_bias + 2.0 * limits.unit * g_total), by_bias


def _differs(one: Forward, other: Forward) -> bool:
    """Return whether the backward pass normalises by something else than the forward pass."""
    pairs = ((one.used.mean, other.used.mean), (one.used.var, other.used.var))
    return one.eps != other.eps or not all(np.array_equal(*p, equal_nan=True) for p in pairs)


def _through(backward: Backward) -> Array:
    """Return what the projection is multiplied by (C, n): xh where eps stands inside the root."""
    assert backward.through_mean is not None
    factor: Array = (backward.forward.x - backward.through_mean) * backward.slope
    return factor


def _through_variance(
    backward: Backward, errors: _Errors, projection: Array, limits: _Arithmetic
) -> Array:
    """Return the bound of the part of grad_input that goes through the variance, before the gain.

    The factor of the projection is xh itself where eps stands inside the root. Elsewhere it is
    larger, and its error with it.
    """
    forward, dialect = backward.forward, limits.dialect
    factor = np.abs(_through(backward))
    of_factor = errors.xh * np.maximum(backward.slope * forward.scale, 1.0)
    outside = dialect.eps_placement == "outside" and dialect.denominator == "deviation"
    if outside and errors.batch_var is not None:
        # 1 / sqrt(var) is lost with the variance, and has no value at 0.
        left = np.maximum(forward.used.var - errors.batch_var, 0.0)
        lost = np.where(left > 0.0, errors.batch_var / left, np.inf)
        of_factor = np.where(np.isinf(lost), np.inf, of_factor + factor * lost)
    magnitude = np.abs(backward.projection)
    return factor * projection + of_factor * (magnitude + projection)


def _unless_beyond(total: Array, bound: Array, limits: _Arithmetic) -> Array:
    """Return `bound`, infinite where the sum of magnitudes `total`, or a result, overflows."""
    return np.where(total > limits.largest, np.inf, bound)
