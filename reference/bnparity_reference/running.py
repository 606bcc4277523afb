"""The running statistics: averages of what was and of this batch."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.dialect import Dialect
from bnparity_reference.double_double import DoubleDouble, Exponent, exactly
from bnparity_reference.normalize import Moments, divisor
from bnparity_reference.records import Update
from bnparity_reference.scaled import Scaled, exponents, unit

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
    var = batch.squares.over(divisor(call.x.shape[1], call.dialect.running_variance))
    update = Update(
        share=call.share,
        batch=replace(batch.statistics(), var=var.rounded()),
        old_mean=call.old_mean,
        old_var=call.old_var,
    )
    both = _average(call, np.concatenate([call.old_mean, call.old_var]), [batch.mean, var])
    return (both[: len(call.x)], both[len(call.x) :]), update


def _average(call: Call, old: Array, new: list[Scaled]) -> Array:
    """Return (1 - share) * old + share * new, the means above the variances."""
    assert call.share is not None
    shift: Exponent = 0
    if call.extreme:
        magnitudes = [exponents(part.value.hi) + part.exponent for part in new]
        shift = unit(np.maximum(exponents(old), np.concatenate(magnitudes)))
    parts = [part.value for part in new]
    if not isinstance(shift, int):
        parts = [part.at(at) for part, at in zip(new, np.split(shift, 2), strict=True)]
    batch = DoubleDouble(
        np.concatenate([part.hi for part in parts]), np.concatenate([part.lo for part in parts])
    )
    share = exactly(np.array([[call.share]]))
    kept = exactly(np.ones((1, 1))) - share
    mixed = exactly(old).shifted(-shift) * kept + batch * share
    return Scaled(mixed, shift).rounded()
