"""Infinity and NaN among the arguments: where they have to show, and nowhere else."""

from math import isfinite

import numpy as np
from bnparity_reference import Exact
from numpy.typing import NDArray

Array = NDArray[np.float64]


def _all_finite(numbers: Array) -> bool:
    """Return whether all numbers are finite; mostly their sum is, which is the cheapest to see."""
    return isfinite(np.add.reduce(numbers, axis=None)) or bool(np.isfinite(numbers).all())


@np.errstate(all="ignore")
def nonfinite_channels(exact: Exact) -> NDArray[np.bool_]:
    """Return in which channels (C,) an argument is infinite or NaN."""
    forward, backward, update = exact.forward, exact.backward, exact.update
    rows = [forward.x, forward.used.mean, forward.used.var, forward.weight, forward.bias]
    rows += [] if backward is None else [backward.grad]
    rows += [] if update is None else [update.old_mean, update.old_var]
    nonfinite = np.zeros(len(forward.x), dtype=np.bool_)
    for part in rows:
        if not _all_finite(part):
            nonfinite |= ~np.isfinite(part).all(axis=1)
    return nonfinite


def taken_alone(name: str, exact: Exact) -> Array | None:
    """Return the running statistics (C,) of which the other term has no share, NaN elsewhere.

    0 times infinity is NaN, and to leave out a term without a share is as right: only where such a
    term is not finite do the two differ. None where there is no such channel.
    """
    update = exact.update
    if update is None or update.batch is None or 0.0 not in (update.kept, update.share):
        return None
    if name not in ("running_mean", "running_var"):
        return None
    old, new = (
        (update.old_mean, update.batch.mean)
        if name == "running_mean"
        else (update.old_var, update.new_var)
    )
    kept, dropped = (new, old) if update.kept == 0.0 else (old, new)
    alone = np.isfinite(kept) & ~np.isfinite(dropped)
    return np.where(alone, kept, np.nan)[:, 0] if alone.any() else None


@np.errstate(all="ignore")
def with_nonfinite(
    name: str,
    bound: Array | None,
    exact: Exact,
    nonfinite: NDArray[np.bool_],
    *,
    refused: NDArray[np.bool_],
) -> Array | None:
    """Return `bound` with NaN where the result must be infinite or NaN, and only there.

    An infinity or a NaN among the arguments of a channel stays, unless it has no share. So does the
    0 / 0 of a variance; nothing is promised of it where the call may be `refused`, (C,).
    """
    expected = getattr(exact, name)
    if bound is None or (_all_finite(bound) and _all_finite(expected)):
        return bound
    after = expected.ndim - 1 - exact.channel_axis if expected.ndim > 1 else 0
    channels, refused = (rows.reshape(-1, *(1,) * after) for rows in (nonfinite, refused))
    of_variance = name.startswith("running_") & ~channels
    undefined = ~np.isfinite(expected) & (channels | (of_variance & ~refused))
    free = np.where(np.isnan(bound), np.inf, bound)
    free = np.where(refused & ~np.isfinite(expected) & of_variance, np.inf, free)
    alone = taken_alone(name, exact)
    if alone is not None:
        undefined &= np.isnan(alone)
    return np.where(undefined & (bound != 0.0), np.nan, free)  # what must not move stays so
