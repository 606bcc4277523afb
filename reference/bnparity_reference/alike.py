"""Conventions that a call cannot tell apart, because it is no case of them.

Most calls have no channel of one value, no negative variance, no NaN among the data and no eps
below a floor: their answers are the same, whatever the dialect says of those.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect
from bnparity_reference.readings import axis_of
from bnparity_reference.scalars import eps_of

Array = NDArray[np.float64]


def alike(
    candidate: Dialect,
    declared: Dialect,
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    momentum: float | None,
    eps: float,
) -> Dialect:
    """Return `candidate` with what a call cannot show as `declared` has it: its answer is the same.

    The arguments are those of `batch_norm`, with channels on axis 1.

    Examples
    --------
    >>> few = Dialect(single_value="zero", negative_variance="absolute")
    >>> alike(few, Dialect(), np.ones((2, 3)), momentum=0.1, eps=1e-5) == Dialect()
    True
    """
    same: dict[str, object] = {"eps_floor": declared.eps_floor}
    if eps_of(replace(candidate, eps_floor=declared.eps_floor), eps) != eps_of(candidate, eps):
        del same["eps_floor"]
    if x.size:
        same["empty_batch"] = declared.empty_batch
    if "hidden" not in (candidate.nan, declared.nan) and not np.isnan(x).any():
        same["nan"] = declared.nan
    per_channel = (weight, bias, running_mean, running_var)
    axes = {axis_of(dialect, x.shape, per_channel, 1) for dialect in (candidate, declared)}
    if len(axes) == 1:
        same["channel_axis"] = declared.channel_axis
    if _is_plain(candidate) and axes == {1}:
        if x.size != x.shape[1]:
            same["single_value"] = declared.single_value
        if _stays_positive(candidate, running_var, momentum):
            same["negative_variance"] = declared.negative_variance
    return replace(candidate, **same)  # type: ignore[arg-type]  # each is the field's own


def _is_plain(dialect: Dialect) -> bool:
    """Return whether a channel's values, and no others, make its own statistics, each in place."""
    plain = Dialect()
    return (dialect.statistics_over, dialect.running_statistics) == (
        plain.statistics_over,
        plain.running_statistics,
    )


def _stays_positive(dialect: Dialect, variance: Array | None, momentum: float | None) -> bool:
    """Return whether no running variance is below zero, before the call or after its update."""
    moved = dialect.momentum_value if dialect.momentum_value is not None else momentum
    blends = moved is None or 0.0 <= moved <= 1.0
    return variance is None or (blends and not bool(np.any(variance < 0.0)))
