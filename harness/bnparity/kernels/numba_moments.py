"""Moments in blocks: sums about a value of the block's own, merged in an order fixed by the shape.

A block is short enough to stay in cache, and sums about its first value: float64 sums of float32
data then lose nothing that float32 could show, wherever the data lie. Of float64 data sums are
compensated: Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen"
(1974). Blocks are merged as Chan, Golub and LeVeque have it, "Updating formulae and a pairwise
algorithm for computing sample variances" (1979).
"""

from typing import Any

import numpy as np
from numba import njit

from bnparity.backends import Array
from bnparity.kernels.numba_formats import widened, working
from bnparity.kernels.numba_views import unit

#: Sums may be taken in vector lanes, and a product be fused with a sum. NaN and infinities are
#: what IEEE 754 says: nothing is assumed of them.
SUMMING = {"reassoc", "contract"}


@njit(cache=True, inline="always")
def near(value: Any) -> float:
    """Return a value to sum about: an infinite one would make everything NaN."""
    wide = np.float64(value)
    return wide if np.isfinite(wide) else 0.0


@njit(cache=True, inline="always")
def plus(total: float, lost: float, term: float) -> tuple[float, float]:
    """Return the sum of `total` and `term`, and what rounding has lost of all terms so far."""
    new = total + term
    if abs(total) >= abs(term):
        return new, lost + ((total - new) + term)
    return new, lost + ((term - new) + total)


@njit(cache=True, inline="always")
def whole(total: float, lost: float) -> float:
    """Return a sum with what it lost; of an infinite one nothing is lost but NaN."""
    return total if np.isnan(lost) else total + lost


@njit(cache=True, inline="always")
def shifted(bias: float, mean: float, gain: float, like: Any) -> float:
    """Return the bias less what the mean has beyond the arithmetic of `like`, times the gain.

    With it ``(x - mean) * gain + bias`` needs no more than the mean as that arithmetic has it.
    """
    rest = mean - np.float64(working(mean, like))
    return bias - rest * gain if rest != 0.0 and np.isfinite(rest) else bias


@njit(cache=True, error_model="numpy")
def of_doubles(x: Array, c: int, first: int, last: int) -> tuple[float, float, float]:
    """Return the moments of some units of a channel, in two passes with compensated sums."""
    n = total = lost = 0.0
    for u in range(first, last):
        row = unit(x, c, u)
        n += row.size
        for j in range(row.size):
            total, lost = plus(total, lost, np.float64(widened(row[j])))
    mean = whole(total, lost) / n
    squares = lost = rest = 0.0
    for u in range(first, last):
        row = unit(x, c, u)
        for j in range(row.size):
            d = np.float64(widened(row[j])) - mean
            rest += d
            squares, lost = plus(squares, lost, d * d)
    # What the rounding of the mean left over: Chan, Golub and LeVeque's corrected two-pass.
    return n, mean, whole(squares, lost) - rest * (rest / n)


@njit(cache=True, error_model="numpy")
def joined(
    count: float, mean: float, m2: float, n: float, shift: float, total: float, squares: float
) -> tuple[float, float]:
    """Return the mean and m2 of `count` values joined with those of a block of `n`."""
    offset = total / n
    of_block = squares - total * offset
    if count == 0.0:
        return shift + offset, of_block
    both = count + n
    delta = (shift - mean) + offset
    between = delta * delta * (count * n / both)
    step = delta * (n / both) if np.isfinite(delta) else shift + offset  # infinity stays infinity
    return mean + step, m2 + of_block + between


@njit(cache=True, error_model="numpy")
def merged(counts: Array, means: Array, squares: Array, c: int) -> tuple[float, float]:
    """Return mean and biased variance of the channel `c`, from those of parts: ``(P, C)``.

    In two passes, from the first mean on: however far from zero, the mean is rounded once. Parts
    may be without values, but not all.
    """
    n = offset = plain = m2 = about = 0.0
    for p in range(counts.shape[0]):
        if counts[p, c] > 0.0:
            about = means[p, c] if n == 0.0 else about
            n += counts[p, c]
            offset += counts[p, c] * (means[p, c] - about)
            plain += counts[p, c] * means[p, c]
    mean = about + offset / n if np.isfinite(offset) else plain / n
    for p in range(counts.shape[0]):
        if counts[p, c] > 0.0:
            m2 += squares[p, c] + counts[p, c] * (means[p, c] - mean) ** 2
    return mean, m2 / n
