"""What the layers of both APIs compute: a forward pass, what it leaves behind, a backward pass."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels import Moments, Normalized, Sums, average, grad_input, normalize, sums

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The arrays that normalise, ``(C,)``; None where a layer has none."""

    weight: Array | None
    bias: Array | None
    running_mean: Array | None
    running_var: Array | None


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What a forward pass leaves for the backward pass.

    Parameters
    ----------
    like
        The data, ``(N, C, *spatial)``: for their shape and format.
    through
        How many values the batch's statistics came from; None if they were the running ones.
    kept
        The normalised data and the gain.
    weight, bias
        The parameters whose gradients are wanted: for their shape and format.
    """

    like: Array
    through: int | None
    kept: Normalized
    weight: Array | None
    bias: Array | None


@dataclass(frozen=True, kw_only=True)
class Gradients:
    """By the input, ``(N, C, *spatial)``, and by weight and bias, ``(C,)`` where they train."""

    grad_input: Array
    grad_weight: Array | None
    grad_bias: Array | None


def apply(x: Array, batch: Moments | None, given: Parameters, *, eps: float) -> tuple[Array, Pass]:
    """Return the output for ``x`` (N, C, *spatial), and what the backward pass needs.

    `batch` are the moments to normalise with; None takes the running statistics.
    """
    if batch is not None:
        mean, var = batch.mean, batch.var
    else:
        assert given.running_mean is not None
        assert given.running_var is not None
        mean, var = given.running_mean, given.running_var
    if x.size:
        output, kept = normalize(x, mean, var, given.weight, given.bias, eps)
    else:
        # Nothing to normalise, and as many channels as anybody likes.
        output, kept = x.copy(), Normalized(values=x, gain=np.ones(x.shape[1]))
    through = None if batch is None else batch.count
    return output, Pass(like=x, through=through, kept=kept, weight=given.weight, bias=given.bias)


def update(given: Parameters, batch: Moments, share: float) -> None:
    """Move the running statistics, where there are any, towards `batch`; in place.

    The variance that enters is the unbiased one. Of too few values it, and the mean, are 0 / 0.
    """
    if given.running_mean is None or given.running_var is None:
        return
    unbiased = batch.m2 / np.float64(batch.count - 1) if batch.count else batch.var
    mean = batch.mean if batch.count else batch.var
    given.running_mean[...] = average(given.running_mean, mean, share)
    given.running_var[...] = average(given.running_var, unbiased, share)


def sums_of(grad_output: Array, done: Pass) -> Sums:
    """Return the sums of `grad_output`, in the format of the data, over what passed forward."""
    return sums(grad_output.astype(done.like.dtype, copy=False), done.kept)


def propagate(grad_output: Array, done: Pass, own: Sums, total: Sums) -> Gradients:
    """Return the gradients: of the input with the `total` sums, of the parameters with the `own`.

    They differ where the statistics are those of several ranks.
    """
    grad = grad_output.astype(done.like.dtype, copy=False)
    through = None if done.through is None else total
    return Gradients(
        grad_input=grad_input(grad, done.kept, through, done.through or 0),
        grad_weight=_like(done.weight, own.projection, done),
        grad_bias=_like(done.bias, own.grad, done),
    )


def _like(parameter: Array | None, total: Array, done: Pass) -> Array | None:
    """Return `total` in the format of `parameter`; 0 where no values passed, of any channels."""
    if parameter is None:
        return None
    return total.astype(parameter.dtype) if done.like.size else np.zeros_like(parameter)
