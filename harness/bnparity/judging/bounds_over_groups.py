"""The bounds where something else than a channel shares statistics: those of its groups, put back.

`bnparity_reference.extents` says how the exact answer is made; here each step adds its rounding.
"""

from collections.abc import Mapping

import numpy as np
from bnparity_reference import Exact
from bnparity_reference.records import Regrouped
from bnparity_reference.rows import from_rows, to_rows
from bnparity_reference.scalars import parameters_divided_by

from bnparity.judging.denominators import entered_bound
from bnparity.judging.gradient_bounds import averaged_bound
from bnparity.judging.limits import Arithmetic, row_sums
from bnparity.judging.nonfinite import Array

#: What the oracle's own last steps, in float64, lose of the magnitudes they add.
LAST_STEPS = 2.0**-50
#: What they lose of normalised data below the smallest normal number.
SMALLEST = 2.0**-1074


def bounds_over_groups(
    exact: Exact,
    regrouped: Regrouped,
    of_groups: Mapping[str, Array | None],
    limits: Arithmetic,
) -> dict[str, Array | None]:
    """Return the bounds of `exact`, given those of the answer about groups as channels."""
    unit, tiny = limits.unit + LAST_STEPS, limits.tiny
    groups, weight = regrouped.groups, np.abs(regrouped.weight)
    of_xh = groups.put_back(np.asarray(of_groups["output"]).T) + SMALLEST
    xh = np.abs(groups.put_back(regrouped.inner.output.T))
    rounding = 2.0 * weight * xh + 2.0 * np.abs(regrouped.bias)
    output = weight * of_xh + unit * rounding + tiny
    return {
        "output": from_rows(output, exact.output, exact.channel_axis),
        **_running(exact, regrouped, of_groups, limits),
        **_gradients(exact, regrouped, of_groups, (of_xh, xh), limits),
    }


def _running(
    exact: Exact,
    regrouped: Regrouped,
    of_groups: Mapping[str, Array | None],
    limits: Arithmetic,
) -> dict[str, Array | None]:
    unit, tiny = limits.unit + LAST_STEPS, limits.tiny
    names, update = ("running_mean", "running_var"), exact.update
    if update is None:
        return dict.fromkeys(names)
    if update.batch is None or update.share is None:
        return {name: np.zeros(len(update.old_mean)) for name in names}
    found: dict[str, Array | None] = {}
    batch = (update.batch.mean, update.new_var)
    for name, old, new, degrees in zip(
        names, (update.old_mean, update.old_var), batch, (1.0, regrouped.degrees), strict=True
    ):
        of_batch = regrouped.groups.by_channel(np.asarray(of_groups[name])) * degrees
        if name == "running_var" and update.entered is not None:
            of_batch = entered_bound(update, of_batch[:, np.newaxis], limits)[:, 0]
        magnitudes = np.abs(old[:, 0]) + 4.0 * np.abs(new[:, 0])
        found[name] = abs(update.share) * of_batch + 4.0 * unit * magnitudes + tiny
    return found


def _gradients(
    exact: Exact,
    regrouped: Regrouped,
    of_groups: Mapping[str, Array | None],
    normalized: tuple[Array, Array],
    limits: Arithmetic,
) -> dict[str, Array | None]:
    by_data, grad = of_groups["grad_input"], regrouped.grad
    if by_data is None or grad is None or exact.grad_input is None:
        return dict.fromkeys(("grad_input", "grad_weight", "grad_bias"))
    (of_xh, xh), magnitude = normalized, np.abs(grad)
    unit, tiny = limits.unit + LAST_STEPS, limits.tiny
    rows = regrouped.groups.put_back(by_data.T) + unit * np.abs(
        to_rows(exact.grad_input, exact.channel_axis)
    )
    products = magnitude * xh
    of_products = limits.lost(products, row_sums(products))
    by_weight = row_sums(magnitude * of_xh + unit * products + tiny) + of_products
    by_bias = limits.lost(grad, row_sums(magnitude)) + row_sums(LAST_STEPS * magnitude + tiny)
    if limits.dialect.parameter_gradients != "summed":
        n = parameters_divided_by(limits.dialect, grad.shape[1], exact.output.shape[0])
        by_weight = averaged_bound(by_weight, exact.grad_weight, n, limits)
        by_bias = averaged_bound(by_bias, exact.grad_bias, n, limits)
    return {
        "grad_input": from_rows(rows, exact.grad_input, exact.channel_axis),
        "grad_weight": by_weight[:, 0],
        "grad_bias": by_bias[:, 0],
    }
