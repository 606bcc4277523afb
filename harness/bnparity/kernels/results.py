"""What the local kernels share: running statistics, and results written where the caller wants."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels.phases import values_per_channel

Array = NDArray[Any]


def check_size(x: Any, *, training: bool) -> None:
    """Refuse to train on one value per channel, whose variance has no unbiased estimate.

    Raises
    ------
    ValueError
        If `x`, an array or tensor ``(N, C, *spatial)``, has one value per channel and `training` is
        true.
    """
    if training and prod(x.shape) == x.shape[1] > 0:
        raise ValueError(f"x has shape {x.shape}: training needs more than one value per channel")


def updated(
    running_mean: Array | None,
    running_var: Array | None,
    mean: Array,
    var: Array,
    *,
    x: Array,
    training: bool,
    momentum: float | None,
) -> dict[str, Array | None]:
    """Return the running statistics after a batch `x` of biased moments `mean` and `var`.

    They stay as they are in inference, and after an empty batch. `momentum` is the batch's share;
    None takes the batch for the first one.
    """
    if running_mean is None or running_var is None:
        return {}
    count = values_per_channel(x)
    if not training or count == 0:
        return {"running_mean": running_mean.copy(), "running_var": running_var.copy()}
    share = 1.0 if momentum is None else momentum
    return {
        "running_mean": average(running_mean, mean, share),
        "running_var": average(running_var, var * (count / max(count - 1, 1)), share),
    }


def write(
    results: dict[str, Array | None], out: Mapping[str, Array] | None
) -> dict[str, Array | None]:
    """Return `results`, those that `out` has an array for in that array.

    Raises
    ------
    ValueError
        If `out` has an array for what this call does not compute.
    """
    for name, target in (out or {}).items():
        result = results.get(name)
        if result is None:
            raise ValueError(f"out[{name!r}] was given, but this call has no {name}")
        target[...] = result
        results[name] = target
    return results


def average(running: Array, batch: Array, share: float) -> Array:
    """Return ``(1 - share) * running + share * batch``, (C,), in the format of `running`."""
    return ((1.0 - share) * running.astype(np.float64) + share * batch).astype(running.dtype)
