"""What a loss that reads the new running statistics adds to the gradient by the data.

Let s be the share of the batch in them, gm and gv the gradients of the loss by running mean and
variance. A value x of the batch moves them by s / n and by s * 2 * (x - mean) / N, N being n, or
n - 1 where the running variance is unbiased:

    s * gm / n + s * gv * 2 * (x - mean) / N

That is added to what comes through the output, in whatever way this is found. A value that a mask
leaves out moves nothing. Where 1 / s is stored in the place of a variance, both are constants.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.double_double import DoubleDouble
from bnparity_reference.masks import left_in
from bnparity_reference.normalize import Moments, about_own_mean, moments_given, plus
from bnparity_reference.records import Added
from bnparity_reference.scaled import Scaled, scaled

Array = NDArray[np.float64]

_TWO = Scaled(DoubleDouble(np.array([[2.0]])))


@dataclass(frozen=True, kw_only=True)
class Addend:
    """What is added, (C, n): ``by_mean + by_var * (x - about)``, these (C, 1)."""

    values: Scaled
    by_mean: Scaled
    by_var: Scaled
    about: Scaled


def addend_of(call: Call, batch: Moments | None) -> Addend | None:
    """Return what is added; None where nothing arrives through running statistics."""
    dialect = call.dialect
    if dialect.statistics_gradient == "stopped" or dialect.stored_variance != "variance":
        return None
    if call.weights is None or batch is None:
        return None
    if call.grad_mean is None or call.grad_var is None or call.old_mean is None:
        return None
    share = Scaled(call.weights[1])
    by_mean = call.averaged(scaled(call.grad_mean, call.extreme) * share)
    grad_var = scaled(call.grad_var, call.extreme) * share * _TWO
    by_var = call.over_degrees(grad_var, dialect.running_variance)
    moments = _moved_by(call, batch)
    values = plus(moments.centred * by_var, by_mean)
    return Addend(
        values=Scaled(left_in(values.value, call.mask), values.exponent),
        by_mean=by_mean,
        by_var=by_var,
        about=moments.mean,
    )


def _moved_by(call: Call, batch: Moments) -> Moments:
    """Return the moments whose deviations enter the running variance."""
    if call.dialect.running_variance_about == "batch_mean":
        return about_own_mean(call, batch)
    assert call.old_mean is not None
    assert call.old_var is not None
    old = (scaled(a, call.extreme) for a in (call.old_mean, call.old_var))
    return moments_given(call, *old)


def columns_of_addend(addend: Addend) -> dict[str, Array]:
    """Return by name what the bounds need to know of it, and its values."""
    named = {
        "added": addend.values,
        "added_by_mean": addend.by_mean,
        "added_by_var": addend.by_var,
        "added_about": addend.about,
    }
    return {name: number.rounded() for name, number in named.items()}


def added_of(call: Call, parts: Mapping[str, Array]) -> Added | None:
    """Return what was added as the bounds take it, given `columns_of_addend`, if anything was."""
    if "added" not in parts or call.weights is None:
        return None
    kept, share = (float(weight.hi[0, 0]) for weight in call.weights)
    return Added(
        by_mean=parts["added_by_mean"],
        by_var=parts["added_by_var"],
        about=parts["added_about"],
        share=share,
        kept=kept,
    )
