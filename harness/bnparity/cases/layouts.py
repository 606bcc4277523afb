"""How arrays lie in memory: the same values with other strides."""

from collections.abc import Callable, Mapping

import numpy as np
from numpy.lib.stride_tricks import as_strided

from bnparity.backends import Array
from bnparity.cases.case import Layout


def lay_out(x: Array, layout: Layout) -> Array:
    """Return the values of the C-contiguous `x` in another layout, writable.

    ``"broadcast"`` repeats the first item of the first axis with stride 0, ``"scalar"`` the first
    of all; ``"offset"`` is a batch without the first item of its memory, and ``"channel_slice"``
    ``x[:, :k]`` of more channels. ``"ambiguous"`` is what ``hwc.permute(2, 0, 1).unsqueeze(0)``
    gives: channels last, where an axis of one item has a stride that says nothing.
    """
    if layout in _WAYS:
        return _WAYS[layout](x)
    part = _part_of_larger(x, layout)
    part[...] = x
    return part


def _last(x: Array, axis: int) -> Array:
    """Return `x` in memory in which `axis` is the innermost."""
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, axis, -1)), -1, axis)


def _ambiguous(x: Array) -> Array:
    """Return `x` with the stride of each axis of one item that its right neighbour suggests."""
    strides = [*x.strides, x.itemsize]
    for axis in reversed(range(x.ndim)):
        if x.shape[axis] == 1:
            strides[axis] = strides[axis + 1] * (*x.shape, 1)[axis + 1]
    return as_strided(x, x.shape, strides[:-1])


def _part_of_larger(x: Array, layout: Layout) -> Array:
    """Return room for `x` in larger memory, whose other elements are zeros."""
    if layout == "offset":
        return np.zeros((x.shape[0] + 1, *x.shape[1:]), x.dtype)[1:]
    if layout == "channel_slice":
        return np.zeros((x.shape[0], x.shape[1] + 2, *x.shape[2:]), x.dtype)[:, : x.shape[1]]
    return np.zeros((*x.shape[:-1], 2 * x.shape[-1] + 1), x.dtype)[..., 1::2]


#: How to get to each layout that is no part of larger memory.
_WAYS: Mapping[Layout, Callable[[Array], Array]] = {
    "contiguous": lambda x: x,
    "broadcast": lambda x: as_strided(x, x.shape, (0, *x.strides[1:])),
    "scalar": lambda x: as_strided(x, x.shape, (0,) * x.ndim),
    "channels_last": lambda x: _last(x, 1),
    "batch_last": lambda x: _last(x, 0),
    "ambiguous": lambda x: _ambiguous(_last(x, 1)),
    "transposed": np.asfortranarray,
    "reversed": lambda x: np.ascontiguousarray(x[..., ::-1])[..., ::-1],
}
