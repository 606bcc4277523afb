"""Exact outputs as lists of fractions, and the dialects that they are asked for in."""

from dataclasses import replace
from typing import Any

import numpy as np
from bnparity_reference import CONVENTIONS, Dialect
from bnparity_reference.exact import batch_norm
from numpy.typing import NDArray

TORCH = Dialect()
#: Every other reading of each convention that moves a value, and one that takes two of them.
CHANGES: list[dict[str, Any]] = [
    {},
    *(
        {field: value}
        for field, values in CONVENTIONS.items()
        for value in values
        if value != getattr(TORCH, field) and field not in {"variance_algorithm", "arithmetic"}
    ),
    {"normalizing_variance": "unbiased", "eps_placement": "outside"},
    {"train_statistics": "updated", "running_variance_about": "old_mean"},
    {"statistics_over": "position", "bessel_count": "elements", "weight": "absolute"},
    {"eps_value": 0.25},
    {"momentum_value": 0.01},
    {"running_variance": "unbiased", "bessel_count": "images", "running_average": "summed"},
]
#: Those whose gradient is the derivative of the output.
DERIVED = [change for change in CHANGES if not change.keys() & {"gradient", "grad_statistics"}]


def column(*values: float) -> NDArray[np.float64]:
    """Return the data of one channel."""
    return np.array(values, dtype=np.float64)[:, None]


def exact(
    x: NDArray[np.float64], *, change: Any = None, running: Any = None, **call: Any
) -> dict[str, list[Any]]:
    """Return the exact outputs by name, flattened; torch's dialect, training, eps 5, momentum 1.

    `change` departs from the dialect; `running` is a mean and a variance for every channel.
    """
    given = {"training": True, "momentum": 1.0, "eps": 5.0} | call
    if running is not None:
        mean, var = (np.full(x.shape[1], float(value)) for value in running)
        given |= {"running_mean": mean, "running_var": var}
    outputs = batch_norm(x, dialect=replace(TORCH, **(change or {})), **given)
    return {name: list(values.ravel()) for name, values in outputs.items()}
