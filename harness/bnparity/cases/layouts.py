"""The ways in which the same values can lie in memory."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from bnparity.backends import Array
from bnparity.cases.case import Layout


def lay_out(x: Array, layout: Layout) -> Array:
    """Return the values of the C-contiguous `x` in another layout, writable.

    ``"broadcast"`` repeats the first item of the batch with stride 0; ``"offset"`` is a batch
    without the first item of its memory.
    """
    if layout == "contiguous":
        return x
    if layout == "channels_last":
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)
    if layout == "transposed":
        return np.asfortranarray(x)
    if layout == "reversed":
        return np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    if layout == "broadcast":
        return as_strided(x, x.shape, (0, *x.strides[1:]))
    # A part of larger memory, whose other elements are zeros.
    if layout == "offset":
        part = np.zeros((x.shape[0] + 1, *x.shape[1:]), x.dtype)[1:]
    else:
        part = np.zeros((*x.shape[:-1], 2 * x.shape[-1] + 1), x.dtype)[..., 1::2]
    part[...] = x
    return part
