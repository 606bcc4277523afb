"""Between arrays with channels on some axis and rows, a channel each."""

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.threads import MANY, at_once, parts_of

Array = NDArray[np.float64]


def to_rows(x: Array, channel_axis: int) -> Array:
    """Return the values of `x` as (C, n), contiguous: NumPy sums pairwise only along such rows."""
    wide = np.asarray(x, dtype=np.float64)
    axis = channel_axis % wide.ndim
    front = wide.transpose(axis, *(i for i in range(wide.ndim) if i != axis))
    if front.size > MANY and not front.flags.c_contiguous:
        return _copied(front)
    rows = front.reshape(front.shape[0], -1) if front.size else front.reshape(front.shape[0], 0)
    return np.ascontiguousarray(rows)


def _copied(front: Array) -> Array:
    """Return a copy as rows, made by several threads: to fill new memory is what takes long."""
    copy = np.empty(front.shape)

    def fill(part: slice) -> None:
        copy[part] = front[part]

    at_once(fill, parts_of(len(front), front[0].size, MANY))
    return copy.reshape(len(front), -1)


def from_rows(rows: Array, like: Array, channel_axis: int) -> Array:
    """Return `rows`, a channel a row, in the shape of `like`."""
    axis = channel_axis % like.ndim
    front = rows.reshape(like.shape[axis], *like.shape[:axis], *like.shape[axis + 1 :])
    return front.transpose(*range(1, axis + 1), 0, *range(axis + 1, like.ndim))


def column(per_channel: Array | None) -> Array | None:
    """Return (C,) as (C, 1); None as None."""
    return None if per_channel is None else np.asarray(per_channel, dtype=np.float64)[:, np.newaxis]
