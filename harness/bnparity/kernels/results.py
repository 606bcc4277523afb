"""What the local kernels share: the running averages, and results written where the caller wants."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def average(running: Array, batch: Array, share: float) -> Array:
    """Return the running statistics (C,) with the batch's `share` in them; 0 leaves them alone."""
    if share == 0.0:
        return running.copy()
    return ((1.0 - share) * running.astype(np.float64) + share * batch).astype(running.dtype)


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
