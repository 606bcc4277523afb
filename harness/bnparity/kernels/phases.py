"""BatchNorm in NumPy taken apart where ranks have to talk: moments, normalisation, sums, gradient.

A kernel for one array composes them; a layer that synchronises merges the moments of its ranks
between the first and the second, and adds up their sums between the third and the fourth. Sums and
statistics are float64, everything else float32 or wider.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bnparity.backends import Array


@dataclass(frozen=True, kw_only=True)
class Moments:
    """How many values each channel has, their mean, the sum of squares about it: ``(C,)``."""

    count: int
    mean: Array
    m2: Array

    @property
    def var(self) -> Array:
        """The biased variance, (C,); of no values it is 0 / 0."""
        return self.m2 / self.count if self.count else np.full_like(self.m2, np.nan)


@dataclass(frozen=True, kw_only=True)
class Normalized:
    """What backward needs: the normalised data, and 1 / denominator times the weight, ``(C,)``."""

    values: Array
    gain: Array


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Over each channel, of the gradient and of it times the normalised data: ``(C,)``."""

    grad: Array
    projection: Array


def moments(x: Array) -> Moments:
    """Return the moments of ``x`` (N, C, *spatial), by two passes and a correction."""
    data, count = widened(x), values_per_channel(x)
    if not count:
        nothing = np.zeros(x.shape[1])
        return Moments(count=0, mean=nothing, m2=nothing)
    mean = _total(data) / count
    centred = data - _along(mean, data)
    # Rounding the mean to the data's format shifted them; what it left is taken off again. Of an
    # infinite mean nothing is left: infinity minus itself would make it NaN.
    remainder = np.where(np.isfinite(mean), _total(centred) / count, 0.0)
    centred -= _along(remainder, data)
    return Moments(count=count, mean=mean + remainder, m2=_total(centred * centred))


def merged(parts: Sequence[Moments]) -> Moments:
    """Return the moments of all values that `parts`, at least one, are the moments of.

    Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances" (1979). Parts without values do not count.
    """
    filled = [part for part in parts if part.count] or list(parts[:1])
    if len(filled) == 1:
        return filled[0]
    counts = np.array([[float(part.count)] for part in filled])
    means = np.stack([part.mean for part in filled])
    count = sum(part.count for part in filled)
    mean = (counts * means).sum(axis=0) / count
    between = (counts * (means - mean) ** 2).sum(axis=0)
    return Moments(count=count, mean=mean, m2=sum(part.m2 for part in filled) + between)


def normalize(
    x: Array, mean: Array, var: Array, weight: Array | None, bias: Array | None, eps: float
) -> tuple[Array, Normalized]:
    """Return the output, in the format of `x`, and what backward needs of the way to it."""
    data = widened(x)
    inverse = 1.0 / np.sqrt(var.astype(np.float64) + eps)
    values = _centred(data, mean.astype(np.float64))
    values *= _along(inverse, data)
    output = values if weight is None else values * _along(weight, values)
    output = output if bias is None else output + _along(bias, output)
    gain = inverse if weight is None else inverse * weight.astype(np.float64)
    # A copy where nothing has made one: the output is the caller's, the values are not.
    own = output is not values
    return output.astype(x.dtype, copy=not own), Normalized(values=values, gain=gain)


def sums(grad_output: Array, normalized: Normalized) -> Sums:
    """Return the sums of ``grad_output`` (N, C, *spatial), like the data that were normalised."""
    grad = grad_output.astype(normalized.values.dtype, copy=False)
    return Sums(grad=_total(grad), projection=_total(grad * normalized.values))


def added(parts: Sequence[Sums]) -> Sums:
    """Return the sums over all `parts`, at least one."""
    return Sums(
        grad=np.sum([part.grad for part in parts], axis=0),
        projection=np.sum([part.projection for part in parts], axis=0),
    )


def grad_input(
    grad_output: Array, normalized: Normalized, through: Sums | None, count: int
) -> Array:
    """Return the gradient by the data, in the format of `grad_output`.

    `through` are the sums over all `count` values that the statistics came from, None where they
    do not depend on the data.
    """
    grad = grad_output.astype(normalized.values.dtype, copy=False)
    inner = grad
    if through is not None and count:
        inner = grad - _along(through.grad / count, grad)
        inner -= normalized.values * _along(through.projection / count, grad)
    return (inner * _along(normalized.gain, grad)).astype(grad_output.dtype, copy=False)


def widened(x: Array) -> Array:
    """Return `x` in float32 or wider, itself if it is."""
    return x.astype(np.result_type(x.dtype, np.float32), copy=False)


def values_per_channel(x: Array) -> int:
    """Return the n of the averages over a channel of ``x`` (N, C, *spatial)."""
    return int(x.size // x.shape[1]) if x.size else 0


def _centred(data: Array, mean: Array) -> Array:
    """Return the data less the mean; what the mean has beyond their format is taken off apart."""
    high = mean.astype(data.dtype)
    centred = data - _along(high, data)
    rest = np.where(np.isfinite(high), mean - high, 0.0)
    if rest.any():
        centred -= _along(rest, data)
    return centred


def _total(data: Array) -> Array:
    """Return the sum over every axis but the channels', in float64."""
    # Contiguous rows: only along those does NumPy sum pairwise.
    rows = np.ascontiguousarray(data.swapaxes(0, 1)).reshape(data.shape[1], -1 if data.size else 0)
    total: Array = np.add.reduce(rows, axis=1, dtype=np.float64)
    return total


def _along(per_channel: Array, data: Array) -> Array:
    """Return a value a channel, shaped to meet `data`, in its format."""
    shape = (1, -1) + (1,) * (data.ndim - 2)
    return per_channel.astype(data.dtype).reshape(shape)
