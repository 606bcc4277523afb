"""The largest error that an accurate implementation may make, for every element of every output.

`harness/BOUNDS.md` derives each line and names its sources. With ``u`` the unit roundoff of the
arithmetic and ``avg`` the mean over a channel's n values, the *tight* line, against which a ratio
is measured, takes ``u sum|terms|`` for what a sum loses: what one relative perturbation of each
term does. The *any-order* line takes what `summation` says of the very terms, and adds what
`algorithms` lose that shift the data or update their mean. Where a first-order formula is a poor
guide, because an error is as large as the quantity itself, differences are taken instead of
derivatives. Numbers below the smallest normal one may be flushed to zero, arguments and results
alike; where a sum overflows, nothing is promised.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import Literal

import numpy as np
from bnparity_reference import OUTPUTS, Dialect, Exact
from bnparity_reference.double_double import UNIT
from bnparity_reference.records import Forward, Update
from bnparity_reference.rows import from_rows
from numpy.typing import NDArray

from bnparity.backends import Format
from bnparity.judging import algorithms, denominators
from bnparity.judging.bounds_over_groups import LAST_STEPS, bounds_over_groups
from bnparity.judging.gradient_bounds import gradient_bounds
from bnparity.judging.infinite_factors import of_infinite_factors, of_no_share
from bnparity.judging.limits import Arithmetic, Errors, unless_beyond
from bnparity.judging.masked import with_masked
from bnparity.judging.moment_bounds import mean_bound, variance_bound
from bnparity.judging.nonfinite import Array, nonfinite_channels, with_nonfinite

#: What is lost beside by two passes.
_NOTHING = algorithms.Losses(mean=np.zeros((1, 1)), var=np.zeros((1, 1)))


def error_bounds(
    exact: Exact,
    *,
    dialect: Dialect,
    arithmetic: Format,
    growth: Literal[1] | None = None,
    updating: bool = True,
    names: Collection[str] = OUTPUTS,
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
        How rounding errors grow in a sum: 1 not at all, None as they may in any order.
    updating
        Whether a mean that is updated value by value is an excuse, where any order is.
    names
        The outputs whose bounds are wanted.

    Returns
    -------
    dict
        Absolute error bounds, None where `exact` has no such output. Infinite where nothing is
        promised: where a sum overflows, or the variance may be lost altogether and eps is 0. NaN
        where the result itself has to be infinite or NaN.
    """
    limits = Arithmetic(
        dialect=dialect,
        roundoff=arithmetic.unit,
        unit=arithmetic.unit + UNIT,
        any_order=growth is None,
        updating=updating,
        tiny=arithmetic.tiny,
        largest=arithmetic.largest,
    )
    if exact.regrouped is not None:
        inner = error_bounds(
            exact.regrouped.inner,
            dialect=dialect,
            arithmetic=replace(arithmetic, unit=arithmetic.unit + LAST_STEPS),
            growth=growth,
            updating=updating,
        )
        with np.errstate(all="ignore"):
            found = bounds_over_groups(exact, exact.regrouped, inner, limits)
        hidden = _with_hidden({name: found[name] for name in names}, exact, dialect)
        return with_masked(hidden, exact)
    with np.errstate(all="ignore"):
        errors = _errors(exact.forward, exact.entering, limits)
        output = _output(exact.forward, errors, limits)
        found = {
            "output": from_rows(output[:, exact.columns], exact.output, exact.channel_axis),
            **_running(exact.update, errors, limits),
        }
        if set(names) - found.keys():
            found |= gradient_bounds(exact, *_of_backward(exact, errors, limits), limits)
        nonfinite = nonfinite_channels(exact) | _undefined(exact.forward, limits)
    # No variance is estimated from one value, and the dialect may refuse to.
    refused = (exact.forward.count[:, 0] == 1.0) & (dialect.single_value == "refused")
    bounds = {
        name: with_nonfinite(name, found[name], exact, nonfinite, refused=refused) for name in names
    }
    bounds = with_masked(_with_hidden(bounds, exact, dialect), exact)
    if nonfinite.any():
        bounds |= of_infinite_factors(bounds, exact, errors, limits)
        bounds |= of_no_share(bounds, exact)
    return bounds


def _with_hidden(
    bounds: dict[str, Array | None], exact: Exact, dialect: Dialect
) -> dict[str, Array | None]:
    """Return the bounds, of the output that of a 0 in the place of NaN: no other will do."""
    bound = bounds.get("output")
    if dialect.nan != "hidden" or bound is None:
        return bounds
    hidden = (exact.output == 0.0) & ~np.isfinite(bound)
    return {**bounds, "output": np.where(hidden, 0.0, bound)}


def _undefined(forward: Forward, limits: Arithmetic) -> NDArray[np.bool_]:
    """Return in which channels (C,) the dialect has no number to give."""
    alone = forward.mask is None and forward.x.shape[1] == 1
    if limits.dialect.single_value == "nan" and forward.from_batch and alone:
        return np.ones(len(forward.x), dtype=np.bool_)
    return denominators.rootless(forward, limits)[:, 0]


def _of_backward(exact: Exact, errors: Errors, limits: Arithmetic) -> tuple[Errors, Array]:
    """Return the bounds of what the backward pass normalises by, which may be something else.

    That of what it divides by in the end is another one where this has no eps.
    """
    forward, backward = exact.forward, exact.backward
    if backward is None:
        return errors, errors.inverse
    if backward.normalizes_otherwise(forward):
        errors = _errors(backward.forward, _update_behind(exact, limits), limits)
    if backward.last is backward.forward:
        return errors, errors.inverse
    return errors, _errors(backward.last, _update_behind(exact, limits), limits).inverse


def _update_behind(exact: Exact, limits: Arithmetic) -> Update | None:
    """Return the update behind updated statistics that the backward pass normalises by."""
    return exact.update if limits.dialect.grad_statistics == "updated" else exact.entering


def _errors(forward: Forward, update: Update | None, limits: Arithmetic) -> Errors:
    used, magnitude, unit = forward.used, np.abs(forward.x), limits.unit
    # Of running statistics that normalise: they are given, so only the subtraction rounds.
    centred, var = unit * (magnitude + np.abs(used.mean)) + limits.tiny, np.zeros_like(used.var)
    batch_mean, batch_var = None, None
    batch = used if forward.from_batch else None
    if update is not None and update.batch is not None:
        batch = update.batch
    if batch is not None:
        of_mean, more = mean_bound(forward, limits), _NOTHING
        if limits.any_order and forward.x.size:
            updating = limits.updating
            more = algorithms.losses_of(forward, batch, limits.roundoff, updating=updating)
            of_mean = of_mean + more.mean
        of_batch = unit * magnitude + of_mean
        batch_mean = unit * np.abs(batch.mean) + of_mean
        batch_var = variance_bound(batch, forward, of_batch, more.var, limits)
        if forward.from_batch:
            centred, var = of_batch, batch_var
        if forward.source == "updated" and update is not None:
            of_update = _updated(update, (batch_mean, batch_var), limits)
            mean, var = (bound[:, np.newaxis] for bound in of_update)
            centred = unit * (magnitude + np.abs(used.mean)) + mean + limits.tiny
    inverse = denominators.inverse_bound(forward, var, limits)
    gain = (1.0 + np.abs(forward.weight)) / forward.scale
    largest = np.maximum.reduce((np.abs(used.mean), used.var, gain))  # per channel, (C, 1)
    inverse = np.where((largest > limits.largest) | np.isinf(var), np.inf, inverse)
    normalized = np.abs(forward.normalized)
    xh = centred / forward.scale * (1.0 + inverse) + normalized * inverse + limits.tiny
    xh = unless_beyond(np.maximum(magnitude + np.abs(used.mean), normalized), xh, limits)
    return Errors(xh=xh, inverse=inverse, batch_mean=batch_mean, batch_var=batch_var)


def _output(forward: Forward, errors: Errors, limits: Arithmetic) -> Array:
    product = forward.weight * forward.normalized
    rounding = np.abs(product) + np.abs(forward.bias) + np.abs(product + forward.bias)
    after = denominators.added_after(forward, limits.dialect)
    rounding = rounding + 3.0 * np.abs(forward.weight) * after
    # Whoever folds multiplies the data and the mean by weight / denominator, and adds the rest;
    # whoever divides last has multiplied by the weight alone. Either may be flushed or overflow.
    weight, flushed = np.abs(forward.weight), limits.tiny * (1.0 + 1.0 / forward.scale)
    folded, size = weight / forward.scale, np.abs(forward.x) + np.abs(forward.used.mean)
    bound: Array = weight * errors.xh + limits.unit * rounding + flushed
    bound = bound + limits.flushed(weight, forward.scale, size)
    on_the_way = np.maximum(weight, folded) * size + np.abs(forward.bias)
    return unless_beyond(on_the_way, bound, limits)


def _running(update: Update | None, errors: Errors, limits: Arithmetic) -> dict[str, Array | None]:
    if update is None:
        return {"running_mean": None, "running_var": None}
    if update.batch is None or errors.batch_mean is None or errors.batch_var is None:
        # To the bit, unless they pass through a coarse arithmetic on their way.
        unmoved = [np.zeros(len(update.old_mean))] * 2
        if limits.is_coarse:
            olds = (update.old_mean[:, 0], update.old_var[:, 0])
            rounded = ((np.abs(old), limits.unit * np.abs(old) + limits.tiny) for old in olds)
            unmoved = [unless_beyond(magnitude, bound, limits) for magnitude, bound in rounded]
        return dict(zip(("running_mean", "running_var"), unmoved, strict=True))
    mean_and_var = _updated(update, (errors.batch_mean, errors.batch_var), limits)
    if update.unmoved is not None:
        mean, var = (np.where(update.unmoved[:, 0], 0.0, bound) for bound in mean_and_var)
        mean_and_var = mean, var
    names = ["running_mean", "running_var"]
    if limits.dialect.running_statistics == "swapped":
        names.reverse()
    return dict(zip(names, mean_and_var, strict=True))


def _updated(
    update: Update, of_batch: tuple[Array, Array], limits: Arithmetic
) -> tuple[Array, Array]:
    """Return the bounds of the running mean and variance (C,) after a batch with these."""
    weights, batch, (of_mean, of_var) = (update.kept, update.share), update.batch, of_batch
    assert batch is not None
    if limits.dialect.running_variance_about == "old_mean":
        # Each deviation from the old mean is off by its own rounding, and all as the mean is.
        offset = np.abs(batch.mean - update.old_mean)
        of_offset = of_mean + limits.unit * (np.abs(batch.mean) + np.abs(update.old_mean))
        of_var = of_var + 4.0 * (offset + of_offset) * of_offset + 4.0 * limits.unit * batch.var
    if update.entered is not None:
        of_var = denominators.entered_bound(update, of_var, limits)
    return (
        _averaged(update.old_mean, batch.mean, of_mean, weights, limits),
        _averaged(update.old_var, update.new_var, of_var, weights, limits),
    )


def _averaged(
    old: Array,
    new: Array,
    new_error: Array,
    weights: tuple[float | None, float | None],
    limits: Arithmetic,
) -> Array:
    kept, share = (weight or 0.0 for weight in weights)
    # What has no share may be infinite. That of a batch which overflows on its way may come to NaN.
    beyond = np.isinf(new) | np.isinf(new_error) if share == 0.0 else np.zeros_like(new, bool)
    beyond |= np.isfinite(old) & (np.abs(old) > limits.largest)  # an infinity from the beginning
    if kept == 0.0:
        old = np.where(np.isfinite(old), old, 0.0)
    if share == 0.0:
        new, new_error = (np.where(np.isfinite(new), a, 0.0) for a in (new, new_error))
    # The share and its complement are each off by a unit roundoff of 1, whichever is given.
    result = kept * old + share * new
    scale = max(1.0, abs(share), abs(kept))
    terms = scale * (np.abs(old) + np.abs(new)) + np.abs(result)
    bound: Array = abs(share) * new_error + limits.unit * terms + limits.tiny
    return np.where(beyond, np.inf, bound)[:, 0]
