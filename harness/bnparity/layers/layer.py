"""What the layers of both APIs do, whatever their words: a forward and a backward pass, in phases.

Between the phases the ranks of a layer that synchronises tell each other what they have found.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from bnparity.backends import Array
from bnparity.kernels import (
    Moments,
    Normalized,
    Sums,
    average,
    grad_input,
    moments,
    normalize,
    sums,
)


@dataclass(frozen=True)
class Parameters:
    """The arrays that normalise, ``(C,)``; None where a layer has none."""

    weight: Array | None
    bias: Array | None
    running_mean: Array | None
    running_var: Array | None


@dataclass(frozen=True, kw_only=True)
class Pass:
    """What a forward pass leaves for the backward pass.

    Gradients have the shapes and formats of the data, ``like``, and of the ``given`` parameters.
    ``through`` is how many values the batch's statistics came from, None if the running ones
    served; ``kept`` are the normalised data and the gain.
    """

    like: Array
    through: int | None
    kept: Normalized
    given: Parameters


@dataclass(frozen=True, kw_only=True)
class Gradients:
    """By the input, ``(N, C, *spatial)``, and by weight and bias, ``(C,)`` where they train."""

    grad_input: Array
    grad_weight: Array | None
    grad_bias: Array | None


class Layer:
    """The phases of both passes; each API says what it refuses and which arrays take part."""

    #: The attributes that hold arrays, and what to give for one.
    _arrays: ClassVar[Collection[str]]
    _assignable: ClassVar[str]
    #: What a gradient of another shape than the output's raises, and what to say of that shape.
    _misfit: ClassVar[tuple[type[Exception], str]]

    _channels_last = False
    _trains = True
    _done: Pass | None = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._arrays and value is not None and not isinstance(value, np.ndarray):
            raise TypeError(f"{name} is of type {type(value).__name__}: give {self._assignable}")
        super().__setattr__(name, value)

    def present(self, names: Iterable[str]) -> Iterator[tuple[str, Array]]:
        """Yield name and array of those attributes of `names` that are not None; no copies."""
        return ((name, array) for name in names if (array := getattr(self, name)) is not None)

    @np.errstate(all="ignore")
    def _passed(self, x: Array) -> Array:
        """Return what the layer makes of `x`: a whole forward pass."""
        own = self.batch_moments(x)
        return self.normalized(x, None if own is None else self.merged(own))

    def batch_moments(self, x: Array) -> Moments | None:
        """Begin a forward pass; return the moments of `x` where the batch's statistics serve."""
        return moments(self._channels_second(x)) if self._admitted(x) else None

    def _admitted(self, x: Array) -> bool:
        """Refuse what the API refuses; return whether the batch's statistics serve."""
        raise NotImplementedError

    def merged(self, own: Moments) -> Moments:
        """Return the moments to normalise with: of this batch alone, its `own`."""
        return own

    def normalized(self, x: Array, batch: Moments | None) -> Array:
        """End a forward pass; return the output, by the moments that serve, and move statistics."""
        raise NotImplementedError

    @np.errstate(all="ignore")
    def backward(self, grad_output: Array) -> Gradients:
        """Return the gradients by the input of the last call, and by the parameters that train.

        Raises
        ------
        RuntimeError
            If there was no call; or `grad_output` has not the shape of its output, for PyTorch.
        ValueError
            If it has not, for MindSpore.
        """
        own = self.grad_sums(grad_output)
        return self.gradients(grad_output, own, self.added(own))

    def grad_sums(self, grad_output: Array) -> Sums:
        """Begin a backward pass; return the sums of `grad_output` over this batch."""
        grad, done = self._led_back(grad_output)
        return sums(grad, done.kept)

    def added(self, own: Sums) -> Sums:
        """Return the sums over all values that the statistics came from: this batch's `own`."""
        return own

    def gradients(self, grad_output: Array, own: Sums, total: Sums) -> Gradients:
        """End a backward pass: by the input with the `total` sums, by parameters with the `own`."""
        grad, done = self._led_back(grad_output)
        through = None if done.through is None else total
        found = grad_input(grad, done.kept, through, done.through or 0)
        return Gradients(
            grad_input=self._as_given(found),
            grad_weight=_like(done.given.weight, own.projection, done) if self._trains else None,
            grad_bias=_like(done.given.bias, own.grad, done) if self._trains else None,
        )

    def _led_back(self, grad_output: Array) -> tuple[Array, Pass]:
        """Return `grad_output` like the data, channels second, and what the forward pass left."""
        grad, done = self._channels_second(grad_output), self._done
        if done is None:
            raise RuntimeError("backward: there was no forward call to go back through")
        if np.shape(grad) != done.like.shape:
            kind, said = self._misfit
            raise kind(f"grad_output has shape {np.shape(grad)}: give {done.like.shape}, {said}")
        return grad.astype(done.like.dtype, copy=False), done

    def _channels_second(self, x: Array) -> Array:
        return np.moveaxis(x, -1, 1) if self._channels_last and np.ndim(x) > 1 else x

    def _as_given(self, x: Array) -> Array:
        return np.ascontiguousarray(np.moveaxis(x, 1, -1)) if self._channels_last else x


def apply(x: Array, batch: Moments | None, given: Parameters, *, eps: float) -> tuple[Array, Pass]:
    """Return the output for ``x`` (N, C, *spatial), and what the backward pass needs.

    `batch` are the moments to normalise with; None takes the running statistics.
    """
    mean, var = given.running_mean, given.running_var
    if batch is not None:
        mean, var = batch.mean, batch.var
    assert mean is not None
    assert var is not None
    if x.size:
        output, kept = normalize(x, mean, var, given.weight, given.bias, eps)
    else:
        # Nothing to normalise, and as many channels as anybody likes.
        output, kept = x.copy(), Normalized(values=x, gain=np.ones(x.shape[1]))
    through = None if batch is None else batch.count
    return output, Pass(like=x, through=through, kept=kept, given=given)


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


def _like(parameter: Array | None, total: Array, done: Pass) -> Array | None:
    """Return `total` in the format of `parameter`; 0 where no values passed, of any channels."""
    if parameter is None:
        return None
    return total.astype(parameter.dtype) if done.like.size else np.zeros_like(parameter)
