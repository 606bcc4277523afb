"""Mean and biased variance of a channel by every algorithm that is known to be accurate.

Chan, Golub and LeVeque, "Algorithms for computing the sample variance" (1983), compare them. Each
takes rows, ``(C, n)`` with n > 0, and a sum from `right.sums`; all stay in the format of the rows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Sum = Callable[[Array], Array]
Leaf = Callable[[Array], tuple[Array, Array]]

#: Welford's loop runs over at most so many values; longer rows are cut, as threads share them.
_LONGEST = 512
#: Values in a leaf of the tree of merges.
_LEAF = 16


@dataclass(frozen=True, kw_only=True)
class Moments:
    """``mean`` and biased ``var`` (C, 1), and the data less their mean, ``centred`` (C, n)."""

    mean: Array
    var: Array
    centred: Array


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """Moments of k parts of each row: ``count`` (k,), ``mean`` and sum of ``squares`` (C, k)."""

    count: Array
    mean: Array
    squares: Array


def two_pass(rows: Array, total: Sum) -> Moments:
    """Return the moments by their definition: the mean first, then the squares about it."""
    mean = total(rows) / rows.shape[1]
    centred = rows - mean
    return Moments(mean=mean, var=total(centred * centred) / rows.shape[1], centred=centred)


def corrected_two_pass(rows: Array, total: Sum) -> Moments:
    """Return those of two passes, less what the rounding of the mean left in the second."""
    n, first = rows.shape[1], two_pass(rows, total)
    left = total(first.centred) / n
    var = np.maximum(first.var - left * left, 0)
    return Moments(mean=first.mean + left, var=var, centred=first.centred - left)


def shifted(rows: Array, total: Sum) -> Moments:
    """Return the moments of the data less their first value, in two passes with the correction.

    Without a second pass this is no accurate algorithm: where the first value is an outlier, the
    difference of the mean square and the squared mean loses n times the rounding of either.
    """
    origin = rows[:, :1]
    moved = corrected_two_pass(rows - origin, total)
    return Moments(mean=origin + moved.mean, var=moved.var, centred=moved.centred)


def welford(rows: Array, total: Sum) -> Moments:
    """Return the moments updated value by value: Welford (1962)."""
    return _of_parts(rows, _parts(rows, _LONGEST, _updated))


def updated(rows: Array, total: Sum) -> Moments:
    """Return the moments updated value by value from the first to the last, as Welford does."""
    mean, squares = _updated(rows[:, np.newaxis])
    return Moments(mean=mean, var=squares / rows.shape[1], centred=rows - mean)


def merged(rows: Array, total: Sum) -> Moments:
    """Return the moments of short parts, merged in a tree: Chan, Golub and LeVeque (1979)."""
    return _of_parts(rows, _parts(rows, _LEAF, _defined))


def _updated(block: Array) -> tuple[Array, Array]:
    """Return mean and sum of squares (C, k) of a block (C, k, m) by Welford's loop."""
    mean = np.zeros_like(block[..., 0])
    squares = np.zeros_like(mean)
    for i in range(block.shape[2]):
        value = block[..., i]
        before = value - mean
        mean = mean + before / (i + 1)
        squares = squares + before * (value - mean)
    return mean, squares


def _defined(block: Array) -> tuple[Array, Array]:
    """Return mean and sum of squares (C, k) of a block (C, k, m) by their definition."""
    mean = block.sum(axis=2, keepdims=True) / block.shape[2]
    centred = block - mean
    return mean[..., 0], (centred * centred).sum(axis=2)


def _parts(rows: Array, length: int, leaf: Leaf) -> _Parts:
    channels, n = rows.shape
    whole = n // length * length
    blocks = [rows[:, :whole].reshape(channels, -1, length)] if whole else []
    blocks += [rows[:, np.newaxis, whole:]] if whole < n else []
    counts = [np.full(block.shape[1], block.shape[2], rows.dtype) for block in blocks]
    means, squares = zip(*(leaf(block) for block in blocks), strict=True)
    return _Parts(
        count=np.concatenate(counts),
        mean=np.concatenate(means, axis=1),
        squares=np.concatenate(squares, axis=1),
    )


def _of_parts(rows: Array, parts: _Parts) -> Moments:
    while len(parts.count) > 1:
        parts = _halved(parts)
    mean, var = parts.mean, parts.squares / rows.shape[1]
    return Moments(mean=mean, var=var, centred=rows - mean)


def _halved(parts: _Parts) -> _Parts:
    """Return half as many parts: the first half merged with the second, and an odd one kept."""
    half = len(parts.count) // 2
    a, b, rest = slice(half), slice(half, 2 * half), slice(2 * half, None)
    count = parts.count[a] + parts.count[b]
    apart = parts.mean[:, b] - parts.mean[:, a]
    mean = parts.mean[:, a] + apart * (parts.count[b] / count)
    between = apart * apart * (parts.count[a] * parts.count[b] / count)
    squares = parts.squares[:, a] + parts.squares[:, b] + between
    return _Parts(
        count=np.concatenate([count, parts.count[rest]]),
        mean=np.concatenate([mean, parts.mean[:, rest]], axis=1),
        squares=np.concatenate([squares, parts.squares[:, rest]], axis=1),
    )
