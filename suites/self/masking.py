"""A function with a mask, right or wrong in one step, and layers that have one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Steps:
    """What is done with a mask; the defaults are right.

    ``read`` says which values count, ``count`` what their sums are divided by; the ``output`` may
    be 0 for the others, and the ``share`` of the statistics in the gradient may go to them too.
    """

    read: Callable[[Array], Array] = lambda mask: mask
    count: Callable[[Array], Array] = lambda kept: kept.sum(axis=1, keepdims=True)
    zero: bool = False
    share: Callable[[Array], Array] = lambda kept: kept


def masked(steps: Steps, dtype: type = np.float64) -> Callable[..., dict[str, Array]]:
    """Return the function of these steps, which computes in `dtype`."""

    def batch_norm(
        x: Array,
        weight: Array,
        bias: Array,
        running_mean: Array,
        running_var: Array,
        *,
        training: bool,
        momentum: float,
        eps: float,
        grad_output: Array | None = None,
        mask: Array | None = None,
    ) -> dict[str, Array]:
        def rows(array: Array) -> Array:
            whole = np.broadcast_to(array, x.shape)
            return np.moveaxis(whole, 1, 0).reshape(x.shape[1], -1)

        def whole(array: Array) -> Array:
            moved = array.reshape(x.shape[1], x.shape[0], *x.shape[2:])
            return np.moveaxis(moved, 0, 1).astype(x.dtype)

        given = rows(np.ones(x.shape, np.bool_)) if mask is None else steps.read(rows(mask))
        data: Array = rows(x).astype(dtype)
        n: Array = np.asarray(steps.count(given)).astype(dtype)
        mean = np.sum(data, axis=1, keepdims=True, where=given) / n
        var = np.sum((data - mean) ** 2, axis=1, keepdims=True, where=given) / n
        old: list[Array] = [a[:, None].astype(dtype) for a in (running_mean, running_var)]
        used = [mean, var] if training else old
        scale = np.sqrt(used[1] + dtype(eps))
        xh = (data - used[0]) / scale
        output = weight[:, None] * xh + bias[:, None]
        new = [mean, var * n / (n - 1)] if training else old
        share = dtype(momentum if training else 0.0)
        moved = [(1 - share) * a + share * b for a, b in zip(old, new, strict=True)]
        found = {
            "output": whole(np.where(given, output, 0) if steps.zero else output),
            "running_mean": moved[0][:, 0].astype(x.dtype),
            "running_var": moved[1][:, 0].astype(x.dtype),
        }
        if grad_output is None:
            return found
        g: Array = rows(grad_output).astype(dtype)
        g = np.where(given, g, 0) if steps.zero else g
        sums = [np.sum(terms, axis=1, keepdims=True) for terms in (g, g * xh)]
        through = steps.share(given) & training
        by_data = g - np.where(through, sums[0] / n + xh * (sums[1] / n), 0)
        return found | {
            "grad_input": whole(weight[:, None] / scale * by_data),
            "grad_weight": sums[1][:, 0].astype(x.dtype),
            "grad_bias": sums[0][:, 0].astype(x.dtype),
        }

    return batch_norm


def batch_norm(*arrays: Array, **settings: Any) -> dict[str, Array]:
    """Return what the function that is right returns."""
    return masked(Steps())(*arrays, **settings)


batch_norm.__dict__["takes_mask"] = True
