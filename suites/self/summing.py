"""A kernel in float32 that is right but for how it sums, which its argument says."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
#: From rows (C, n) to their sums (C,).
Total = Callable[[Array], Array]


def kernel(total: Total, mean_of: Total | None = None) -> Callable[..., dict[str, Array]]:
    """Return a plain function that takes its sums with `total`, for training with everything.

    ``mean_of`` takes the mean instead, where it is computed in another way.
    """

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
        grad_output: Array,
    ) -> dict[str, Array]:
        rows, grad = _rows(x), _rows(grad_output)
        n, share = rows.shape[1], np.float32(momentum)
        mean = mean_of(rows) if mean_of else (total(rows) / n).astype(np.float32)
        centred = rows - mean[:, None]
        var = (total(centred * centred) / n).astype(np.float32)
        inverse = (1 / np.sqrt(var + np.float32(eps)))[:, None]
        normalized = centred * inverse
        at_bias, at_weight = total(grad), total(grad * normalized)
        off = (at_bias / n).astype(np.float32)[:, None]
        off = off + normalized * (at_weight / n).astype(np.float32)[:, None]
        unbiased = var * np.float32(n / (n - 1))
        return {
            "output": _like(normalized * weight[:, None] + bias[:, None], x),
            "running_mean": (1 - share) * running_mean + share * mean,
            "running_var": (1 - share) * running_var + share * unbiased,
            "grad_input": _like((grad - off) * inverse * weight[:, None], x),
            "grad_weight": at_weight.astype(np.float32),
            "grad_bias": at_bias.astype(np.float32),
        }

    return batch_norm


def serial(rows: Array) -> Array:
    total: Array = np.cumsum(rows, axis=1, dtype=np.float32)[:, -1]
    return total


def pairwise(rows: Array) -> Array:
    total: Array = np.add.reduce(rows, axis=1, dtype=np.float32)
    return total


def wide(rows: Array) -> Array:
    total: Array = np.add.reduce(rows, axis=1, dtype=np.float64)
    return total


def half(rows: Array) -> Array:
    total: Array = np.cumsum(rows.astype(np.float16), axis=1, dtype=np.float16)[:, -1]
    return total.astype(np.float32)


def kahan(rows: Array) -> Array:
    total = lost = np.zeros(len(rows), np.float32)
    for column in np.ascontiguousarray(rows.T):
        term = column - lost
        new = total + term
        total, lost = new, (new - total) - term
    return total


def eight_lanes(rows: Array) -> Array:
    return _in_lanes(rows, 8)


def sixteen_lanes(rows: Array) -> Array:
    return _in_lanes(rows, 16)


def running_mean_of_welford(rows: Array) -> Array:
    """Return the mean as Welford (1962) updates it, term by term."""
    mean = np.zeros(len(rows), np.float32)
    for count, column in enumerate(np.ascontiguousarray(rows.T), start=1):
        mean = mean + (column - mean) / np.float32(count)
    return mean


def _in_lanes(rows: Array, lanes: int) -> Array:
    by_lane = np.cumsum(rows.reshape(len(rows), -1, lanes), axis=1, dtype=np.float32)[:, -1]
    total: Array = by_lane.sum(axis=1, dtype=np.float32)
    return total


def _rows(x: Array) -> Array:
    return np.ascontiguousarray(x.swapaxes(0, 1)).reshape(x.shape[1], -1)


def _like(rows: Array, x: Array) -> Array:
    by_channel = rows.reshape(x.shape[1], x.shape[0], *x.shape[2:])
    return np.ascontiguousarray(by_channel.swapaxes(0, 1))
