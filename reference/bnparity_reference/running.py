"""The running statistics: averages of what was and of this batch."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.dialect import Dialect
from bnparity_reference.double_double import DoubleDouble
from bnparity_reference.normalize import Moments, divisor
from bnparity_reference.records import Statistics, Update
from bnparity_reference.scaled import Scaled, common_unit, scaled, stacked

Array = NDArray[np.float64]


def share_of_batch(
    dialect: Dialect, training: bool, momentum: float | None, batches_tracked: int
) -> DoubleDouble | None:
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
    one = DoubleDouble(np.ones((1, 1)))
    if momentum is None:
        return one.over(batches_tracked + 1)
    given = DoubleDouble(np.array([[momentum]]))
    return given if dialect.momentum == "new" else one - given


def averages_of(call: Call, batch: Moments | None) -> dict[str, Array]:
    """Return the running statistics by name, and the batch's; nothing if there are none."""
    if call.old_mean is None or call.old_var is None:
        return {}
    if call.share is None or batch is None:
        return {"running_mean": call.old_mean, "running_var": call.old_var}
    assert batch.squares is not None
    var = batch.squares.over(divisor(call.x.shape[1], call.dialect.running_variance))
    old = scaled(np.concatenate([call.old_mean, call.old_var]), call.extreme)
    means, variances = np.split(_average(old, stacked(batch.mean, var), call.share), 2)
    return {
        "running_mean": means,
        "running_var": variances,
        "batch_mean": batch.mean.rounded(),
        "batch_var": var.rounded(),
    }


def update_of(call: Call, parts: Mapping[str, Array]) -> Update | None:
    """Return what the bounds need to know of the way to the running statistics."""
    if call.old_mean is None or call.old_var is None:
        return None
    batch = None
    if "batch_mean" in parts:
        batch = Statistics(mean=parts["batch_mean"], var=parts["batch_var"])
    return Update(
        share=None if call.share is None else float(call.share.hi[0, 0]),
        batch=batch,
        old_mean=call.old_mean,
        old_var=call.old_var,
    )


def _average(old: Scaled, new: Scaled, share: DoubleDouble) -> Array:
    """Return (1 - share) * old + share * new."""
    kept = old * Scaled(DoubleDouble(np.ones((1, 1))) - share)
    added = new * Scaled(share)
    shift = common_unit(kept, added)
    return Scaled(kept.at(shift) + added.at(shift), shift).rounded()
