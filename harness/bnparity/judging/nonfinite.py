"""Infinity and NaN among the arguments: where they have to show, and nowhere else."""

import numpy as np
from bnparity_reference import Exact
from numpy.typing import NDArray

Array = NDArray[np.float64]


def nonfinite_channels(exact: Exact) -> NDArray[np.bool_]:
    """Return in which channels (C,) an argument is infinite or NaN."""
    forward, backward, update = exact.forward, exact.backward, exact.update
    rows = [forward.x, forward.used.mean, forward.used.var, forward.weight, forward.bias]
    rows += [] if backward is None else [backward.grad]
    rows += [] if update is None else [update.old_mean, update.old_var]
    finite: NDArray[np.bool_] = np.all([np.isfinite(part).all(axis=1) for part in rows], axis=0)
    return ~finite


def with_nonfinite(
    name: str, bound: Array | None, exact: Exact, nonfinite: NDArray[np.bool_]
) -> Array | None:
    """Return `bound` with NaN where the result must be infinite or NaN, and only there.

    An infinity or a NaN among the arguments of a channel stays. So does the 0 / 0 of a variance.
    """
    expected = getattr(exact, name)
    if bound is None or (np.isfinite(bound).all() and np.isfinite(expected).all()):
        return bound
    channels = nonfinite.reshape(-1, *(1,) * (expected.ndim - 2))
    undefined = ~np.isfinite(expected) & (channels | name.startswith("running_"))
    free = np.where(np.isnan(bound), np.inf, bound)
    return np.where(undefined & (bound != 0.0), np.nan, free)  # what must not move stays so
