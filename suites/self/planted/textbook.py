"""BatchNorm as a textbook has it, in steps.

Data are rows, ``(C, n)``, a channel each; parameters and statistics are columns, ``(C, 1)``.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Moments = tuple[Array, Array]


@dataclass(frozen=True, kw_only=True)
class Call:
    """The arguments of one call, as the contract of a backend has them."""

    x: Array
    weight: Array | None
    bias: Array | None
    running_mean: Array | None
    running_var: Array | None
    training: bool
    momentum: float | None
    eps: float
    grad_output: Array | None

    @property
    def n(self) -> int:
        """How many values a channel has."""
        return int(self.x.size // max(self.x.shape[1], 1))


@dataclass(frozen=True, kw_only=True)
class Forward:
    """What the forward pass leaves to the backward one.

    ``x``, ``normalized`` are rows, the others columns; ``batch`` are the mean and the biased
    variance of the batch, ``mean`` and ``var`` those that normalise, from there or not.
    """

    call: Call
    x: Array
    batch: Moments
    from_batch: bool
    mean: Array
    var: Array
    scale: Array
    normalized: Array
    weight: Array
    bias: Array

    @property
    def n(self) -> int:
        """How many values a channel has."""
        return int(self.x.shape[1])


def rows_of(x: Array, dtype: DTypeLike = np.float64) -> Array:
    """Return `x` of shape ``(N, C, *spatial)`` as contiguous rows ``(C, n)``."""
    n = x.size // max(x.shape[1], 1)
    return np.ascontiguousarray(x.swapaxes(0, 1)).reshape(x.shape[1], n).astype(dtype)


def array_of(rows: Array, like: Array) -> Array:
    """Return rows ``(C, n)`` in the shape and the format of `like`."""
    shape = (like.shape[1], like.shape[0], *like.shape[2:])
    return np.ascontiguousarray(rows.reshape(shape).swapaxes(0, 1)).astype(like.dtype)


def total(rows: Array) -> Array:
    """Return the sum of each row, a column, taken in float64."""
    summed: Array = np.add.reduce(rows, axis=1, dtype=np.float64, keepdims=True)
    return summed.astype(rows.dtype)


def average(rows: Array) -> Array:
    """Return the mean of each row, a column, taken in float64."""
    summed: Array = np.add.reduce(rows, axis=1, dtype=np.float64, keepdims=True)
    return (summed / np.float64(rows.shape[1])).astype(rows.dtype)


def two_pass(rows: Array, shape: tuple[int, ...]) -> Moments:
    """Return mean and biased variance of each row; `shape` is that of the data."""
    mean = average(rows)
    mean = mean + average(rows - mean)
    centred = rows - mean
    return mean, average(centred * centred)


def source(call: Call) -> bool:
    """Return whether the batch's statistics normalise."""
    return call.training or call.running_mean is None


def chosen(call: Call, batch: Moments, from_batch: bool) -> Moments:
    """Return the mean and the variance that normalise."""
    if from_batch or call.running_mean is None or call.running_var is None:
        return batch
    mean, var = call.running_mean, call.running_var
    return mean.astype(batch[0].dtype)[:, None], var.astype(batch[0].dtype)[:, None]


def root(var: Array, eps: float) -> Array:
    """Return what the centred data are divided by."""
    denominator: Array = np.sqrt(var + eps)
    return denominator


def affine(forward: Forward) -> Array:
    """Return the output, rows."""
    return forward.normalized * forward.weight + forward.bias


def unbiased(var: Array, n: int) -> Array:
    """Return the unbiased estimate from the biased one."""
    factor = np.float64(n) / np.float64(n - 1)
    estimate: Array = var * factor.astype(var.dtype)
    return estimate


def share(call: Call) -> float | None:
    """Return the batch's weight in the running statistics; None leaves them as they are."""
    if not call.training or not call.n:
        return None
    return 1.0 if call.momentum is None else call.momentum


def blend(old: Array, batch: Array, weight: float) -> Array:
    """Return the running average after a batch that enters it with `weight`."""
    return (1.0 - weight) * old + weight * batch


def grad_input(forward: Forward, grad: Array) -> Array:
    """Return the gradient by the data, rows."""
    through = grad
    if forward.from_batch:
        projection = average(grad * forward.normalized)
        through = grad - average(grad) - forward.normalized * projection
    return forward.weight / forward.scale * through


def grad_weight(forward: Forward, grad: Array) -> Array:
    """Return the gradient by the weight, a column."""
    return total(grad * forward.normalized)


def grad_bias(forward: Forward, grad: Array) -> Array:
    """Return the gradient by the bias, a column."""
    return total(grad)
