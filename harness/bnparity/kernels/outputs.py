"""What the local kernels share: running statistics, and results written where the caller wants."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np

from bnparity.backends import Array, Outputs


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
    running: tuple[Array | None, Array | None],
    batch: tuple[Array, Array],
    count: int,
    *,
    training: bool,
    momentum: float | None,
) -> Outputs:
    """Return the running mean and variance after a batch of so many values, of biased moments.

    They stay as they are in inference, and after an empty batch. `momentum` is the batch's share;
    None takes the batch for the first one.
    """
    (running_mean, running_var), (mean, var) = running, batch
    if running_mean is None or running_var is None:
        return {}
    if not training or count == 0:
        return {"running_mean": running_mean.copy(), "running_var": running_var.copy()}
    share = 1.0 if momentum is None else momentum
    return {
        "running_mean": average(running_mean, mean, share),
        "running_var": average(running_var, unbiased(var, count), share),
    }


def average(running: Array, batch: Array, share: float) -> Array:
    """Return what `moved` does of ``(C,)``, computed in float64, in the format of `running`."""
    new: Array = moved(running.astype(np.float64), batch, share)
    return new.astype(running.dtype)


def moved(running: Any, batch: Any, share: float) -> Any:
    """Return a running statistic moved by its share towards the batch's."""
    return (1.0 - share) * running + share * batch


def unbiased(var: Any, count: int) -> Any:
    """Return the variance whose average over batches has no bias, of one over `count` values."""
    return var * (count / max(count - 1, 1))


def of_parameters(
    weight: Array | None, bias: Array | None, grad: Array, projection: Array
) -> Outputs:
    """Return the gradients of the parameters there are, the sums of a channel, in their formats."""
    return {
        "grad_weight": None if weight is None else projection.astype(weight.dtype),
        "grad_bias": None if bias is None else grad.astype(bias.dtype),
    }


def write(results: Outputs, out: Mapping[str, Array] | None) -> Outputs:
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
