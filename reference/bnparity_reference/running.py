"""The running statistics: averages of what was and of this batch."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.dialect import Dialect
from bnparity_reference.double_double import Scaled, exactly, exponents, extreme, scaled
from bnparity_reference.normalize import Moments, count
from bnparity_reference.records import Update

Array = NDArray[np.float64]


def share_of_batch(
    dialect: Dialect, training: bool, momentum: float | None, batches_tracked: int
) -> float | None:
    """Return the weight of this batch in the running statistics; None leaves them as they are.

    Raises
    ------
    ValueError
        If `momentum` is None and the dialect refuses that.
    """
    if momentum is None and dialect.momentum_none == "refused":
        raise ValueError("momentum=None: this dialect has no cumulative average")
    if dialect.running_update == "never" or (dialect.running_update == "training" and not training):
        return None
    if momentum is None:
        return 1.0 / (batches_tracked + 1)
    return momentum if dialect.momentum == "new" else 1.0 - momentum


def update_of(call: Call, batch: Moments | None) -> tuple[tuple[Array, Array], Update] | None:
    """Return the running mean and variance (C, 1), and what the bounds need of the way there."""
    if call.old_mean is None or call.old_var is None:
        return None
    if call.share is None or batch is None:
        unmoved = Update(share=None, batch=None, old_mean=call.old_mean, old_var=call.old_var)
        return (call.old_mean, call.old_var), unmoved
    assert batch.squares is not None
    divisor = count(call.x.shape[1], call.dialect.running_variance)
    var = Scaled(batch.squares.value / divisor, batch.squares.exponent)
    update = Update(
        share=call.share,
        batch=replace(batch.statistics(), var=var.rounded()),
        old_mean=call.old_mean,
        old_var=call.old_var,
    )
    means = _average(call.old_mean, batch.mean, call.share)
    return (means, _average(call.old_var, var, call.share)), update


def _average(old: Array, new: Scaled, share: float) -> Array:
    """Return (1 - share) * old + share * new."""
    magnitude = np.maximum(exponents(old), exponents(new.value.hi) + new.exponent)
    unit = extreme(magnitude)
    weight = exactly(np.array([[share]]))
    kept = exactly(np.ones((1, 1))) - weight
    mixed = scaled(old).at(unit) * kept + new.at(unit) * weight
    return Scaled(mixed, unit).rounded()
