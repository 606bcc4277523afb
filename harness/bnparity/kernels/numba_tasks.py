"""What the kernel does of a piece of rows or planes, and of all of them in as many threads.

Where there are channels enough, all is done of a group of them at once: of data beyond the last
cache what has just been read is read again from there. Else each group is cut into parts. Numba's
index of a task may come unsigned.
"""

import numpy as np
from numba import njit, prange

from bnparity.backends import Array
from bnparity.kernels import numba_planes as planes
from bnparity.kernels import numba_rows as rows
from bnparity.kernels.numba_channels import INVERSE, MEAN, VAR, settle, share_out
from bnparity.kernels.numba_formats import is_double
from bnparity.kernels.numba_moments import merged, of_doubles
from bnparity.kernels.numba_views import Piece, piece, whole


@njit(cache=True, error_model="numpy")
def _moments(x: Array, of: Piece, mean: Array, m2: Array) -> float:
    """Fill the moments, (C,), of the channels of a piece; return how many values each has there."""
    start, end, first, last = of
    if is_double(x):
        n = 0.0
        for c in range(start, end):
            n, mean[c], m2[c] = of_doubles(x, c, first, last)
        return n
    if x.ndim == 3:
        return rows.moments(x, of, mean, m2)
    return planes.moments(x, of, mean, m2)


@njit(cache=True, error_model="numpy")
def _apply(x: Array, out: Array, of: Piece, table: Array) -> None:
    """Fill ``(x - mean) * gain + bias`` of a piece."""
    if x.ndim == 3:
        rows.apply(x, out, of, table)
    else:
        planes.apply(x, out, of, table)


# Inlined, so that where it is done of all channels loops are known to begin at the first.
@njit(cache=True, error_model="numpy", inline="always")
def _train(x: Array, out: Array, of: Piece, table: Array, eps: float) -> None:
    """Fill mean, biased variance and output of some channels."""
    count = _moments(x, of, table[MEAN], table[VAR])
    for c in range(of[0], of[1]):
        table[VAR, c] /= count
    settle(table, of[0], of[1], eps)
    _apply(x, out, of, table)


@njit(cache=True, error_model="numpy")
def _add_up(grad: Array, x: Array, of: Piece, table: Array, sums: Array) -> None:
    """Fill the sums, (2, C), of a piece of the gradient, and of it times the normalised data."""
    if x.ndim == 3:
        rows.add_up(grad, x, of, table[MEAN], sums)
    else:
        planes.add_up(grad, x, of, table[MEAN], sums)
    for c in range(of[0], of[1]):
        sums[1, c] *= table[INVERSE, c]


@njit(cache=True, error_model="numpy")
def _propagate(grad: Array, x: Array, out: Array, of: Piece, table: Array, through: bool) -> None:
    """Fill the gradient by the data of a piece: `through` the statistics too, or not."""
    if not through:
        _apply(grad, out, of, table)
    elif x.ndim == 3:
        rows.propagate(grad, x, out, of, table)
    else:
        planes.propagate(grad, x, out, of, table)


@njit(cache=True, error_model="numpy", inline="always")
def _backward(
    grad: Array, x: Array, out: Array, of: Piece, table: Array, through: bool, sums: Array
) -> None:
    """Fill sums, shares and gradient of some channels."""
    _add_up(grad, x, of, table, sums)
    share_out(table, sums, of[0], of[1], x.size // x.shape[1], through)
    _propagate(grad, x, out, of, table, through)


@njit(cache=True, error_model="numpy")
def train(x: Array, out: Array, table: Array, eps: float) -> None:
    """Fill mean, biased variance and output, without other threads."""
    _train(x, out, whole(x), table, eps)


@njit(cache=True, error_model="numpy")
def apply(x: Array, out: Array, table: Array) -> None:
    """Fill ``(x - mean) * gain + bias``, without other threads."""
    _apply(x, out, whole(x), table)


@njit(cache=True, error_model="numpy")
def backward(grad: Array, x: Array, out: Array, table: Array, through: bool, sums: Array) -> None:
    """Fill the sums, (2, C), and the gradient by the data, without other threads."""
    _backward(grad, x, out, whole(x), table, through, sums)


@njit(cache=True, parallel=True, error_model="numpy")
def train_in_threads(x: Array, out: Array, groups: int, table: Array, eps: float) -> None:
    """Do what `train` does, a group of channels at a time in each thread."""
    for task in prange(groups):
        _train(x, out, piece(x, groups, 1, np.int64(task)), table, eps)


@njit(cache=True, parallel=True, error_model="numpy")
def moments_in_threads(x: Array, groups: int, parts: int, table: Array) -> None:
    """Fill mean and biased variance, each group cut into parts."""
    counts, means = np.zeros((parts, x.shape[1])), np.zeros((parts, x.shape[1]))
    squares = np.zeros((parts, x.shape[1]))
    for task in prange(groups * parts):
        of, part = piece(x, groups, parts, np.int64(task)), np.int64(task) // groups
        count = _moments(x, of, means[part], squares[part])
        for c in range(of[0], of[1]):
            counts[part, c] = count
    for channel in range(x.shape[1]):
        mean, var = merged(counts, means, squares, channel)
        table[MEAN, channel], table[VAR, channel] = mean, var


@njit(cache=True, parallel=True, error_model="numpy")
def apply_in_threads(x: Array, out: Array, groups: int, parts: int, table: Array) -> None:
    """Do what `apply` does, a part of a group at a time in each thread."""
    for task in prange(groups * parts):
        # Backwards: what was summed last is still in cache.
        of = piece(x, groups, parts, groups * parts - 1 - np.int64(task))
        _apply(x, out, of, table)


@njit(cache=True, parallel=True, error_model="numpy")
def backward_in_threads(
    grad: Array, x: Array, out: Array, groups: int, table: Array, through: bool, sums: Array
) -> None:
    """Do what `backward` does, a group of channels at a time in each thread."""
    for task in prange(groups):
        _backward(grad, x, out, piece(x, groups, 1, np.int64(task)), table, through, sums)


@njit(cache=True, parallel=True, error_model="numpy")
def sums_in_threads(
    grad: Array, x: Array, groups: int, parts: int, table: Array, through: bool, sums: Array
) -> None:
    """Fill the sums of each channel, a part of it at a time in each thread, and its shares."""
    found = np.zeros((parts, 2, x.shape[1]))
    for task in prange(groups * parts):
        of, part = piece(x, groups, parts, np.int64(task)), np.int64(task) // groups
        _add_up(grad, x, of, table, found[part])
    _added(found, sums)
    share_out(table, sums, 0, x.shape[1], x.size // x.shape[1], through)


@njit(cache=True)
def _added(parts: Array, sums: Array) -> None:
    """Add up the sums of parts, ``(P, 2, C)``, in their order."""
    for part in range(parts.shape[0]):
        sums += parts[part]


@njit(cache=True, parallel=True, error_model="numpy")
def propagate_in_threads(
    grad: Array, x: Array, out: Array, groups: int, parts: int, table: Array, through: bool
) -> None:
    """Fill the gradient by the data, a part of a group at a time in each thread."""
    for task in prange(groups * parts):
        # Backwards: what was summed last is still in cache.
        of = piece(x, groups, parts, groups * parts - 1 - np.int64(task))
        _propagate(grad, x, out, of, table, through)
