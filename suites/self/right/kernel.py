"""A plain function from steps: how it sums, finds moments, normalises, and goes back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from right.moments import Moments, two_pass
from right.passes import Gradients, Normalizing, divided, textbook, weighted
from right.sums import pairwise

Array = NDArray[Any]
Kernel = Callable[..., dict[str, Array | None]]
Sum = Callable[[Array], Array]


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What a kernel does at each step; the defaults are what one writes first in NumPy."""

    total: Sum = pairwise
    moments: Callable[[Array, Sum], Moments] = two_pass
    forward: Callable[[Normalizing], Array] = divided
    backward: Callable[[Normalizing, Array, Sum], Gradients] = textbook
    average: Callable[[Array, Array, float], Array] = weighted


def kernel(name: str, steps: Steps) -> Kernel:
    """Return BatchNorm by `steps`, a plain function of torch's dialect.

    It computes in the format of the data, in float32 for halves, and rounds results once. It
    raises ValueError where it is to train on one value a channel.
    """

    @np.errstate(all="ignore")  # of a constant channel with eps = 0, 0 / 0 is the answer
    def batch_norm(
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        training: bool,
        momentum: float | None,
        eps: float,
        grad_output: Array | None = None,
    ) -> dict[str, Array | None]:
        rows = _rows(x)
        if training and rows.shape[1] == 1:
            raise ValueError(f"x has shape {x.shape}: training needs more than one value a channel")
        fixed = None if training else _given(rows, running_mean, running_var)
        used = _of_batch(rows, steps) if fixed is None else fixed
        by = _normalizing(rows, used, weight, bias, eps=eps, from_batch=fixed is None)
        results: dict[str, Array | None] = {"output": _like(steps.forward(by), x)}
        if running_mean is not None and running_var is not None:
            share = _share(momentum, moving=training and x.size > 0)
            results |= _updated(running_mean, running_var, used, share, steps)
        if grad_output is not None:
            grads = steps.backward(by, _rows(grad_output), steps.total)
            results["grad_input"] = _like(grads.x, x)
            results["grad_weight"] = _per_channel(grads.weight, weight)
            results["grad_bias"] = _per_channel(grads.bias, bias)
        return results

    batch_norm.__name__ = batch_norm.__qualname__ = name
    dtypes = ("float32", "float64", "float16", "bfloat16")
    batch_norm.__dict__.update(dtypes=dtypes, degenerate=True)
    return batch_norm


def _of_batch(rows: Array, steps: Steps) -> Moments:
    if rows.shape[1] == 0:
        nothing = np.zeros_like(rows, shape=(len(rows), 1))
        return Moments(mean=nothing, var=nothing, centred=rows)
    return steps.moments(rows, steps.total)


def _given(rows: Array, mean: Array | None, var: Array | None) -> Moments | None:
    if mean is None or var is None:
        return None
    column = _column(mean, rows)
    return Moments(mean=column, var=_column(var, rows), centred=rows - column)


def _normalizing(
    rows: Array,
    used: Moments,
    weight: Array | None,
    bias: Array | None,
    *,
    eps: float,
    from_batch: bool,
) -> Normalizing:
    return Normalizing(
        x=rows,
        mean=used.mean,
        centred=used.centred,
        scale=np.sqrt(used.var + eps),
        weight=np.ones_like(used.mean) if weight is None else _column(weight, rows),
        bias=np.zeros_like(used.mean) if bias is None else _column(bias, rows),
        from_batch=from_batch,
    )


def _share(momentum: float | None, *, moving: bool) -> float | None:
    """Return the batch's share in the running statistics; None where they do not move."""
    if not moving:
        return None
    return 1.0 if momentum is None else momentum


def _updated(
    mean: Array, var: Array, batch: Moments, share: float | None, steps: Steps
) -> dict[str, Array | None]:
    if share is None:
        return {"running_mean": mean.copy(), "running_var": var.copy()}
    n = batch.centred.shape[1]
    unbiased = batch.var * (n / (n - 1))
    new_mean = steps.average(_column(mean, batch.mean), batch.mean, share)
    new_var = steps.average(_column(var, batch.mean), unbiased, share)
    return {"running_mean": _per_channel(new_mean, mean), "running_var": _per_channel(new_var, var)}


def _rows(x: Array) -> Array:
    """Return `x` as contiguous rows, a channel each, in the format of the arithmetic."""
    channels = x.shape[1]
    rows = np.ascontiguousarray(x.swapaxes(0, 1)).reshape(channels, x.size // channels)
    return rows.astype(np.result_type(x.dtype, np.float32), copy=False)


def _column(per_channel: Array, like: Array) -> Array:
    return per_channel.astype(like.dtype)[:, np.newaxis]


def _like(rows: Array, x: Array) -> Array:
    return rows.reshape(x.swapaxes(0, 1).shape).swapaxes(0, 1).astype(x.dtype)


def _per_channel(column: Array, like: Array | None) -> Array | None:
    return None if like is None else column[:, 0].astype(like.dtype)
