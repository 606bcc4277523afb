"""The running statistics: averages of what was and of this batch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.double_double import DoubleDouble
from bnparity_reference.normalize import Moments, inverse_of, plus
from bnparity_reference.records import Statistics, Update
from bnparity_reference.scalars import Weights
from bnparity_reference.scaled import Scaled, common_unit, rescaled, scaled, stacked

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Averages:
    """Running mean and variance (C, 1), and the batch's mean and variance that entered, if any.

    ``entered`` is what entered instead of the variance where something else is stored.
    """

    mean: Scaled
    var: Scaled
    batch_mean: Scaled | None = None
    batch_var: Scaled | None = None
    entered: Scaled | None = None


def averages_of(call: Call, batch: Moments | None) -> Averages | None:
    """Return the running statistics after the call; None if there are none."""
    if call.old_mean is None or call.old_var is None:
        return None
    old_mean, old_var = scaled(call.old_mean, call.extreme), scaled(call.old_var, call.extreme)
    if call.weights is None or batch is None:
        return Averages(mean=old_mean, var=old_var)
    assert batch.squares is not None
    squares = batch.squares
    if call.dialect.running_variance_about == "old_mean":
        squares = plus(squares, _offset_squares(call, batch.mean, old_mean))
    var = call.over_degrees(squares, call.dialect.running_variance)
    entered = None
    if call.dialect.stored_variance == "inverse_deviation":
        entered = _inverse(call, var)
    old, new = stacked(old_mean, old_var), stacked(batch.mean, var if entered is None else entered)
    means, variances = _halves(_average(old, new, call.weights))
    return Averages(
        mean=means, var=variances, batch_mean=batch.mean, batch_var=var, entered=entered
    )


def named(averages: Averages | None) -> dict[str, Array]:
    """Return the running statistics by name, and what entered them; nothing if there are none."""
    if averages is None:
        return {}
    found = {"running_mean": averages.mean, "running_var": averages.var}
    if averages.batch_mean is not None and averages.batch_var is not None:
        found |= {"batch_mean": averages.batch_mean, "batch_var": averages.batch_var}
    if averages.entered is not None:
        found["entered"] = averages.entered
    return {name: number.rounded() for name, number in found.items()}


def update_of(call: Call, parts: Mapping[str, Array]) -> Update | None:
    """Return what the bounds need to know of the way to the running statistics."""
    if call.old_mean is None or call.old_var is None:
        return None
    batch = None
    if "batch_mean" in parts:
        batch = Statistics(mean=parts["batch_mean"], var=parts["batch_var"])
    weights = call.weights or ()
    kept, share = [float(weight.hi[0, 0]) for weight in weights] or (None, None)
    return Update(
        kept=kept,
        share=share,
        batch=batch,
        old_mean=call.old_mean,
        old_var=call.old_var,
        entered=parts.get("entered"),
        eps=call.eps,
    )


def _inverse(call: Call, var: Scaled) -> Scaled:
    """Return 1 / denominator; NaN where the variance is a number over 0."""
    inverse, _ = inverse_of(call, var, call.eps)
    hi = np.where(np.isfinite(var.value.hi), inverse.value.hi, np.nan)
    return Scaled(DoubleDouble(hi, inverse.value.lo), inverse.exponent)


def _offset_squares(call: Call, mean: Scaled, old_mean: Scaled) -> Scaled:
    """Return n times the square of how far the batch's mean is from the old one."""
    shift = common_unit(mean, old_mean)
    offset = rescaled(Scaled((mean.at(shift) - old_mean.at(shift)).normalized(), shift))
    return offset * offset * Scaled(DoubleDouble(np.array([[float(call.x.shape[1])]])))


def _average(old: Scaled, new: Scaled, weights: Weights) -> Scaled:
    """Return the weighted sum of the two."""
    kept, added = weights
    return plus(old * Scaled(kept), new * Scaled(added))


def _halves(numbers: Scaled) -> tuple[Scaled, Scaled]:
    """Return the upper and the lower half of the rows."""
    hi, lo, exponent = numbers.value.hi, numbers.value.lo, numbers.exponent
    half = len(hi) // 2
    parts = [slice(half), slice(half, None)]
    upper, lower = (
        Scaled(
            DoubleDouble(hi[part], None if lo is None else lo[part]),
            exponent if isinstance(exponent, int) else exponent[part],
        )
        for part in parts
    )
    return upper, lower
