"""The two passes of BatchNorm, forward and backward, in the ways that people write them.

Everything is a row or a column of a channel: the data and its gradients ``(C, n)``, the rest
``(C, 1)``, all of one dtype. The ways are equal on paper and round differently.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Sum = Callable[[Array], Array]


@dataclass(frozen=True, kw_only=True)
class Normalizing:
    """What both passes start from; ``scale`` is ``sqrt(var + eps)``.

    Where ``from_batch`` is false the statistics are constants, and no gradient flows through them.
    """

    x: Array
    mean: Array
    centred: Array
    scale: Array
    weight: Array
    bias: Array
    from_batch: bool


@dataclass(frozen=True, kw_only=True)
class Gradients:
    """By the data, the weight and the bias."""

    x: Array
    weight: Array
    bias: Array


def divided(by: Normalizing) -> Array:
    """Return the output by its definition, the data divided by the scale."""
    return by.centred / by.scale * by.weight + by.bias


def multiplied(by: Normalizing) -> Array:
    """Return the output with the reciprocal of the scale, taken once a channel."""
    return by.centred * (1 / by.scale) * by.weight + by.bias


def weight_first(by: Normalizing) -> Array:
    """Return the output with one factor a channel, weight and scale in one."""
    return by.centred * (by.weight * (1 / by.scale)) + by.bias


def folded(by: Normalizing) -> Array:
    """Return the output as ``gain * x + offset``, as inference engines fuse it."""
    gain = by.weight / by.scale
    return by.x * gain + (by.bias - by.mean * gain)


def textbook(by: Normalizing, grad: Array, total: Sum) -> Gradients:
    """Return the gradients with the normalised data: Ioffe and Szegedy (2015), section 3."""
    n, normalized = grad.shape[1], by.centred / by.scale
    sum_grad, projection = total(grad), total(grad * normalized)
    if by.from_batch:
        grad = grad - sum_grad / n - normalized * (projection / n)
    return Gradients(x=grad * (by.weight / by.scale), weight=projection, bias=sum_grad)


def of_centred(by: Normalizing, grad: Array, total: Sum) -> Gradients:
    """Return the gradients with the centred data and the reciprocal squared, as PyTorch has it."""
    n, inverse = grad.shape[1], 1 / by.scale
    sum_grad, dot = total(grad), total(grad * by.centred)
    if by.from_batch:
        grad = grad - sum_grad / n - by.centred * (dot / n * inverse * inverse)
    return Gradients(x=grad * inverse * by.weight, weight=dot * inverse, bias=sum_grad)


def counted(by: Normalizing, grad: Array, total: Sum) -> Gradients:
    """Return the gradients with the count outside: ``n * grad`` less the sums, divided last."""
    n, normalized = grad.shape[1], by.centred / by.scale
    sum_grad, projection = total(grad), total(grad * normalized)
    grad_x = by.weight / by.scale * grad
    if by.from_batch:
        grad_x = by.weight / by.scale / n * (n * grad - sum_grad - normalized * projection)
    return Gradients(x=grad_x, weight=projection, bias=sum_grad)


def of_multiplied(by: Normalizing, grad: Array, total: Sum) -> Gradients:
    """Return the gradients as automatic differentiation has them, from the output backwards."""
    n, inverse = grad.shape[1], 1 / by.scale
    normalized, multiplied = by.centred * inverse, grad * by.weight
    grad_x = multiplied * inverse
    if by.from_batch:
        by_var = total(multiplied * by.centred) * (inverse * inverse * inverse) / -2
        grad_x = grad_x + by.centred * (2 * by_var / n)
        grad_x = grad_x - total(grad_x) / n
    return Gradients(x=grad_x, weight=total(grad * normalized), bias=total(grad))


def weighted(old: Array, new: Array, share: float) -> Array:
    """Return the running average by its definition."""
    return (1 - share) * old + share * new


def stepped(old: Array, new: Array, share: float) -> Array:
    """Return the running average as a step from the old towards the new."""
    return old + share * (new - old)
