"""Where kernels have their channels: first in PyTorch and MindSpore, last in Keras and Flax."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from bnparity.porting.checkpoints.tensors import Tensor

#: The axes of a tensor in the order that it is to have.
Order: TypeAlias = Callable[[int], tuple[int, ...]]


def _last(axes: int) -> tuple[int, ...]:
    return (*range(2, axes), 1, 0)


def _first(axes: int) -> tuple[int, ...]:
    return (axes - 1, axes - 2, *range(axes - 2))


def _depthwise_last(axes: int) -> tuple[int, ...]:
    return (*range(2, axes), 0, 1)


def _depthwise_first(axes: int) -> tuple[int, ...]:
    return (axes - 2, axes - 1, *range(axes - 2))


#: By whether the channels are last: what a kernel becomes, and one of a layer of its own for depth.
_ORDERS: Mapping[bool, tuple[Order, Order]] = MappingProxyType(
    {True: (_last, _depthwise_last), False: (_first, _depthwise_first)}
)


def laid_out(tensor: Tensor, *, last: bool, shape: tuple[int, ...] | None) -> Tensor | None:
    """Return a kernel with its channels last, or first, in the `shape` that is asked for.

    None if it has that shape in no order; without a shape it is that of a plain layer.
    """
    axes = len(tensor.shape)
    orders = [order(axes) for order in _ORDERS[last]] if axes > 1 else []
    for order in (*orders, tuple(range(axes))):
        moved = tuple(tensor.shape[axis] for axis in order)
        if shape is None or moved == shape:
            return _moved(tensor, order, moved)
    return None


def _moved(tensor: Tensor, order: tuple[int, ...], shape: tuple[int, ...]) -> Tensor:
    if order == tuple(range(len(order))):
        return tensor
    return replace(tensor, shape=shape, read=lambda: np.transpose(tensor.read(), order))
