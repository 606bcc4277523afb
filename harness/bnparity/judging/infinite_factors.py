"""The bounds where an infinity meets what may be 0: on which side of it results are is unsure."""

import numpy as np
from bnparity_reference import Exact
from bnparity_reference.records import Forward
from bnparity_reference.rows import from_rows
from numpy.typing import NDArray

from bnparity.judging.limits import Arithmetic, Errors
from bnparity.judging.nonfinite import Array


def of_infinite_factors(
    bounds: dict[str, Array | None], exact: Exact, errors: Errors, limits: Arithmetic
) -> dict[str, Array | None]:
    """Return the bounds where infinity is multiplied by what may be on either side of 0."""
    infinite, backward = np.isinf(exact.forward.weight), exact.backward
    found: dict[str, Array | None] = {}
    near = _near_the_mean(exact.forward, errors, limits)
    for name, rows in (("output", infinite & near), ("grad_input", infinite & np.ones_like(near))):
        bound = bounds.get(name)
        if bound is not None and infinite.any():
            unsure = rows[:, exact.columns].astype(np.float64)
            unsure = from_rows(unsure, exact.output, exact.channel_axis)
            found[name] = np.where(unsure > 0.0, np.inf, bound)
    by_weight = bounds.get("grad_weight")
    if backward is not None and by_weight is not None:
        unsigned = (np.isinf(backward.grad) & near)[:, exact.columns].any(axis=1)
        found["grad_weight"] = np.where(unsigned, np.inf, by_weight)
    return found


def of_no_share(bounds: dict[str, Array | None], exact: Exact) -> dict[str, Array | None]:
    """Return the bounds where old statistics, no numbers, have no share in those that normalise.

    Their product with 0 is NaN, and leaving them out is as right.
    """
    update, backward = exact.entering, exact.backward
    sources = {exact.forward.source, "" if backward is None else backward.forward.source}
    if update is None or update.kept != 0.0 or "updated" not in sources:
        return {}
    lost = ~(np.isfinite(update.old_mean) & np.isfinite(update.old_var))  # (C, 1)
    rows = np.broadcast_to(lost, exact.forward.x.shape)[:, exact.columns].astype(np.float64)
    data = from_rows(rows, exact.output, exact.channel_axis) > 0.0
    free = {"output": data, "grad_input": data, "grad_weight": lost[:, 0]}
    pairs = ((name, where, bounds.get(name)) for name, where in free.items())
    return {n: np.where(where, np.inf, bound) for n, where, bound in pairs if bound is not None}


def _near_the_mean(forward: Forward, errors: Errors, limits: Arithmetic) -> NDArray[np.bool_]:
    """Return which values (C, n) rounding may take to the other side of the mean."""
    off = limits.unit * (np.abs(forward.x) + np.abs(forward.used.mean))
    if forward.from_batch and errors.batch_mean is not None:
        off = off + errors.batch_mean
    near: NDArray[np.bool_] = np.abs(forward.centred) <= off
    return near
