"""A function that takes gradients by running statistics, right or wrong in what it adds."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

#: What a right one follows.
THROUGH = "torch,statistics_gradient=through"


def through(by_mean: float = 1.0, by_var: float = 1.0) -> Any:
    """Return the function, which adds these multiples of what is due by mean and by variance."""

    def batch_norm(
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        training: bool,
        momentum: float,
        eps: float,
        grad_output: Array | None = None,
        grad_running_mean: Array | None = None,
        grad_running_var: Array | None = None,
    ) -> dict[str, Array]:
        axes, n = (0, *range(2, x.ndim)), x.size // x.shape[1]

        def column(array: Array) -> Array:
            return array.astype(np.float64).reshape(1, -1, *(1,) * (x.ndim - 2))

        def average(array: Array) -> Array:
            return column(array.mean(axis=axes))

        old, wide = (running_mean, running_var), x.astype(np.float64)
        batch = average(wide), average((wide - average(wide)) ** 2)
        own = training or running_mean is None
        mean, var = batch if own else (column(a) for a in old if a is not None)
        weighed = np.ones_like(mean) if weight is None else column(weight)
        gain = weighed / np.sqrt(var + eps)
        xh = (wide - mean) / np.sqrt(var + eps)
        found = {"output": gain * (wide - mean) + (0.0 if bias is None else column(bias))}
        new = batch[0], batch[1] * n / (n - 1)
        for name, before, now in zip(("running_mean", "running_var"), old, new, strict=True):
            if before is not None:
                after = (1 - momentum) * column(before) + momentum * now if training else before
                found[name] = after.ravel()
        if grad_output is not None:
            grad = grad_output.astype(np.float64)
            share = average(grad) + xh * average(grad * xh) if own else 0.0
            found["grad_input"] = gain * (grad - share)
            found |= {"grad_weight": (grad * xh).sum(axis=axes), "grad_bias": grad.sum(axis=axes)}
            if training and grad_running_mean is not None and grad_running_var is not None:
                slopes = by_mean * column(grad_running_mean), by_var * column(grad_running_var)
                added = slopes[0] / n + slopes[1] * 2 * (wide - mean) / (n - 1)
                found["grad_input"] += momentum * added
        return {name: array.astype(x.dtype) for name, array in found.items()}

    return batch_norm
