"""The textbook kernel in small steps, so that a fault replaces one of them and nothing else.

Everything is computed in float64 and rounded once to the format of the result: what is off in the
reply of a kernel with a step replaced is off because of that step. Data are rows, ``(C, n)``, a
channel each; parameters and statistics are columns, ``(C, 1)``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[Any]
Moments = tuple[Array, Array]
Results = dict[str, Array | None]
#: A backend as a plain function; a faulty one may return anything.
Kernel = Callable[..., Any]


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


def as_given(call: Call) -> Call:
    """Return the arguments as they came."""
    return call


def as_computed(call: Call, results: Results) -> Results:
    """Return the results as they were computed."""
    return results


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of the textbook, any of which a fault replaces.

    ``work`` is the format of intermediate results; ``read`` sees the arguments first and ``write``
    the results last; the other fields are named after the functions that they hold.
    """

    work: DTypeLike = np.float64
    read: Callable[[Call], Call] = as_given
    moments: Callable[[Array, tuple[int, ...]], Moments] = two_pass
    source: Callable[[Call], bool] = source
    chosen: Callable[[Call, Moments, bool], Moments] = chosen
    root: Callable[[Array, float], Array] = root
    affine: Callable[[Forward], Array] = affine
    running_estimate: Callable[[Array, int], Array] = unbiased
    share: Callable[[Call], float | None] = share
    blend_mean: Callable[[Array, Array, float], Array] = blend
    blend_var: Callable[[Array, Array, float], Array] = blend
    grad_input: Callable[[Forward, Array], Array] = grad_input
    grad_weight: Callable[[Forward, Array], Array] = grad_weight
    grad_bias: Callable[[Forward, Array], Array] = grad_bias
    write: Callable[[Call, Results], Results] = as_computed


def kernel(**replaced: Any) -> Kernel:
    """Return a plain function that computes BatchNorm, with the steps `replaced`.

    Raises
    ------
    TypeError
        If there is no such step.
    """
    steps = Steps(**replaced)

    def batch_norm(
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        grad_output: Array | None = None,
        **settings: Any,
    ) -> Results:
        call = Call(
            x=x,
            weight=weight,
            bias=bias,
            running_mean=running_mean,
            running_var=running_var,
            grad_output=grad_output,
            **settings,
        )
        with np.errstate(all="ignore"):
            return steps.write(call, _computed(steps, steps.read(call)))

    return batch_norm


def _computed(steps: Steps, call: Call) -> Results:
    forward = _forward(steps, call)
    results: Results = {"output": array_of(steps.affine(forward), call.x)}
    return results | _running(steps, forward) | _gradients(steps, forward)


def _forward(steps: Steps, call: Call) -> Forward:
    from_batch = steps.source(call)
    if from_batch and call.n == 1:
        raise ValueError("one value per channel has no statistics to train on")
    x = rows_of(call.x, steps.work)
    batch = steps.moments(x, call.x.shape)
    mean, var = steps.chosen(call, batch, from_batch)
    scale = steps.root(var, call.eps)
    return Forward(
        call=call,
        x=x,
        batch=batch,
        from_batch=from_batch,
        mean=mean,
        var=var,
        scale=scale,
        normalized=(x - mean) / scale,
        weight=np.ones_like(scale) if call.weight is None else _column(call.weight, x),
        bias=np.zeros_like(scale) if call.bias is None else _column(call.bias, x),
    )


def _running(steps: Steps, forward: Forward) -> Results:
    call, (mean, var) = forward.call, forward.batch
    if call.running_mean is None or call.running_var is None:
        return {}
    weight = steps.share(call)
    old_mean, old_var = _column(call.running_mean, mean), _column(call.running_var, mean)
    if weight is not None:
        old_mean = steps.blend_mean(old_mean, mean, weight)
        old_var = steps.blend_var(old_var, steps.running_estimate(var, forward.n), weight)
    return {
        "running_mean": old_mean[:, 0].astype(call.running_mean.dtype),
        "running_var": old_var[:, 0].astype(call.running_var.dtype),
    }


def _gradients(steps: Steps, forward: Forward) -> Results:
    call = forward.call
    if call.grad_output is None:
        return {}
    grad = rows_of(call.grad_output, steps.work)
    by_weight, by_bias = steps.grad_weight(forward, grad), steps.grad_bias(forward, grad)
    return {
        "grad_input": array_of(steps.grad_input(forward, grad), call.grad_output),
        "grad_weight": None if call.weight is None else by_weight[:, 0].astype(call.weight.dtype),
        "grad_bias": None if call.bias is None else by_bias[:, 0].astype(call.bias.dtype),
    }


def _column(per_channel: Array, like: Array) -> Array:
    return per_channel.astype(like.dtype)[:, None]
