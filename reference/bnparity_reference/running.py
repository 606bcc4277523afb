"""The running statistics: averages of what was and of this batch."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.double_double import DoubleDouble, total
from bnparity_reference.masks import counted, left_in
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


def averages_of(call: Call, weights: Weights | None, batch: Moments | None) -> Averages | None:
    """Return the running statistics after a batch with `weights`; None if there are none."""
    if call.old_mean is None or call.old_var is None:
        return None
    old_mean, old_var = scaled(call.old_mean, call.extreme), scaled(call.old_var, call.extreme)
    if weights is None or batch is None:
        return Averages(mean=old_mean, var=old_var)
    assert batch.squares is not None
    squares = batch.squares
    if call.dialect.running_variance_about == "old_mean":
        squares = plus(squares, _offset_squares(call, batch, old_mean))
    var = call.over_degrees(squares, call.dialect.running_variance)
    entered = None
    if call.dialect.stored_variance == "inverse_deviation":
        entered = _inverse(call, var)
    old, new = stacked(old_mean, old_var), stacked(batch.mean, var if entered is None else entered)
    means, variances = _halves(_unless_empty(call, old, _average(old, new, weights)))
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


def update_of(call: Call, weights: Weights | None, parts: Mapping[str, Array]) -> Update | None:
    """Return what the bounds need to know of the way to running statistics with `weights`."""
    if call.old_mean is None or call.old_var is None:
        return None
    batch = None
    if weights is not None and "batch_mean" in parts:
        batch = Statistics(mean=parts["batch_mean"], var=parts["batch_var"])
    kept, share = [float(weight.hi[0, 0]) for weight in weights or ()] or (None, None)
    return Update(
        kept=kept,
        share=share,
        batch=batch,
        old_mean=call.old_mean,
        old_var=call.old_var,
        entered=None if weights is None else parts.get("entered"),
        eps=call.eps,
        unmoved=empties(call),
    )


def _inverse(call: Call, var: Scaled) -> Scaled:
    """Return 1 / denominator; NaN where the variance is a number over 0."""
    inverse, _ = inverse_of(call, var, call.eps)
    hi = np.where(np.isfinite(var.value.hi), inverse.value.hi, np.nan)
    return Scaled(DoubleDouble(hi, inverse.value.lo), inverse.exponent)


def _offset_squares(call: Call, batch: Moments, old_mean: Scaled) -> Scaled:
    """Return how much larger the squares about the old mean are than those about the batch's."""
    shift = common_unit(batch.mean, old_mean)
    offset = rescaled(Scaled((batch.mean.at(shift) - old_mean.at(shift)).normalized(), shift))
    count = float(call.x.shape[1]) if call.mask is None else counted(call.mask)
    squares = offset * offset * Scaled(DoubleDouble(np.reshape(count, (-1, 1))))
    if call.mask is None or call.dialect.masked_count == "left_in":
        return squares
    rest = Scaled(total(left_in(batch.centred.value, call.mask)), batch.centred.exponent)
    return plus(squares, rest * offset * Scaled(DoubleDouble(np.array([[2.0]]))))


def empties(call: Call) -> NDArray[np.bool_] | None:
    """Return in which channels (C, 1) running statistics stay as they are: a mask left nothing."""
    if call.mask is None or call.dialect.empty_batch != "unchanged":
        return None
    if call.dialect.masked_count != "left_in":
        return None
    empty: NDArray[np.bool_] = counted(call.mask) == 0.0
    return empty


def _unless_empty(call: Call, old: Scaled, new: Scaled) -> Scaled:
    """Return the new statistics, (2 C, 1), the old ones where a mask leaves nothing."""
    empty = empties(call)
    if empty is None:
        return new
    stays, shift = np.concatenate([empty, empty]), common_unit(old, new)
    one, other = old.at(shift), new.at(shift)
    lows = [np.zeros_like(part.hi) if part.lo is None else part.lo for part in (one, other)]
    return Scaled(DoubleDouble(np.where(stays, one.hi, other.hi), np.where(stays, *lows)), shift)


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
