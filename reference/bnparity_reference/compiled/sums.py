"""Passes that look for something in whole rows: their sums, as `double_double.total` has them.

What its two passes split off has a sum without rounding, in any order. What they leave is summed in
the order in which NumPy adds the numbers of a row: pairs of sums of leaves, of eight lanes each.
"""

import math
from typing import TypeAlias

import numpy as np
from numba import njit, types

from bnparity_reference.compiled.numbers import (
    KEPT,
    NOTHING,
    NUMBERS,
    ROWS,
    Array,
    Numbers,
    Row,
    added,
    product,
)

#: Whether products are summed, and the powers of two above which two passes take bits.
How: TypeAlias = tuple[bool, float, float]

#: The bits of what `double_double.total` takes rows of zeros for.
_SMALLEST = np.int64((1023 - 900) << 52)
_MAGNITUDE, _INFINITY = np.int64(2**63 - 1), np.int64(0x7FF << 52)
#: NumPy sums so many numbers without parting them, in so many sums side by side.
_LEAF, _LANES = 128, 8
#: Numbers worked on together: they stay in the first cache, and the calls for them do not count.
_PART = 1024


@njit(inline="always")
def _largest(a: Array, b: Array, times: bool) -> np.int64:
    """Return the bits of the largest magnitude in a row, or among its products with another."""
    largest = np.int64(0)
    for j in range(len(a)):
        term = a[j] * b[j] if times else a[j]
        largest = max(largest, np.float64(term).view(np.int64) & _MAGNITUDE)
    return largest


@njit(inline="always")
def _exponent(magnitude: np.int64) -> np.int64:
    """Return the least e with 2 ** e above a number of these bits, unless it is subnormal."""
    return (magnitude >> 52) - 1022


@njit(inline="always")
def _in_order(terms: Array, lanes: Array) -> float:
    """Return the sum of the numbers of a leaf, in the order in which NumPy adds them."""
    n = len(terms)
    whole = n - n % _LANES
    lanes[:] = NOTHING
    for j in range(0, whole, _LANES):
        for k in range(_LANES):
            lanes[k] += terms[j + k]
    left = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
    total: float = left + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    for j in range(whole, n):
        total += terms[j]
    return total


@njit()
def _multiplied(a: Row, b: Row, hi: Array, lo: Array) -> None:
    """Fill the products of two parts of rows."""
    one, one_lo, one_has = a
    other, other_lo, other_has = b
    for j in range(len(one)):
        number = product((one[j], one_lo[j], one_has), (other[j], other_lo[j], other_has))
        hi[j], lo[j] = number[0], number[1]


@njit()
def _taken(a: Row, above: float, below: float, first: Array, second: Array, rest: Array) -> None:
    """Add what two passes take of part of a row to the sums of that, and fill what they leave."""
    hi, lo, lower = a
    for j in range(len(hi)):
        taken = (hi[j] + above) - above
        left = hi[j] - taken
        first[j] += taken
        taken = (left + below) - below
        second[j] += taken
        rest[j] = left - taken
    if lower:
        for j in range(len(lo)):
            rest[j] += lo[j]


@njit(inline="always")
def _half(n: int) -> int:
    """Return how many of n numbers NumPy sums first, before it adds the sum of the others."""
    return n // 2 - n // 2 % _LANES


@njit("Tuple((float64, int64))(float64[::1], int64, int64)", **KEPT)
def _paired(sums: Array, first: int, n: int) -> tuple[float, int]:
    """Return the sum of n numbers, given those of leaves from `first` on, and the leaf behind."""
    if n <= _LEAF:
        return sums[first], first + 1
    left, place = _paired(sums, first, _half(n))
    right, end = _paired(sums, place, n - _half(n))
    return left + right, end


@njit()
def _leaf(n: int, start: int) -> int:
    """Return how many numbers are summed together from `start` on, where a row has n."""
    while n > _LEAF:
        half = _half(n)
        if start < half:
            n = half
        else:
            start, n = start - half, n - half
    return n


@njit()
def _leaves(terms: Array, lanes: Array, sums: Array) -> None:
    """Fill the sums of what is added without being parted."""
    n, start, leaf = len(terms), 0, 0
    while start < n:
        m = _leaf(n, start)
        sums[leaf] = _in_order(terms[start : start + m], lanes)
        start, leaf = start + m, leaf + 1


@njit()
def _split(a: Row, b: Row, how: How, scratch: Array, rest: Array) -> None:
    """Fill what two passes over a row take, place by place, and what they leave."""
    (times, above, below), n = how, len(a[0])
    scratch[:2] = 0.0
    for start in range(0, n, _PART):
        end = min(start + _PART, n)
        m = end - start
        part = a[0][start:end], a[1][start:end], a[2]
        if times:
            other = b[0][start:end], b[1][start:end], b[2]
            _multiplied(part, other, scratch[2, :m], scratch[3, :m])
            part = scratch[2, :m], scratch[3, :m], True
        _taken(part, above, below, scratch[0, :m], scratch[1, :m], rest[start:end])


@njit(types.boolean(NUMBERS, NUMBERS, types.boolean, types.int64, ROWS, ROWS), **KEPT)
def total(a: Numbers, b: Numbers, times: bool, room: int, hi: Array, lo: Array) -> bool:
    """Fill the sums of rows, or of their products with others; return whether all are finite."""
    n = a[0].shape[1]
    scratch, rest, lanes = np.empty((4, min(_PART, n))), np.empty(n), np.empty(_LANES)
    sums = np.empty(1 + 2 * n // _LEAF)
    for i in range(hi.shape[0]):
        one, other = (a[0][i], a[1][i], a[2]), (b[0][i], b[1][i], b[2])
        largest = max(_largest(one[0], other[0], times), _SMALLEST)
        above = math.ldexp(1.0, room + int(_exponent(largest)))
        _split(one, other, (times, above, above * 2.0 ** (room - 53)), scratch, rest)
        _leaves(rest, lanes, sums)
        first = second = 0.0
        for j in range(scratch.shape[1]):
            first += scratch[0, j]
            second += scratch[1, j]
        found = added((first, 0.0, False), (second, 0.0, False))
        hi[i, 0], lo[i, 0] = found[0], found[1] + (0.0 + _paired(sums, 0, n)[0])
        if not (abs(hi[i, 0]) < math.inf and abs(lo[i, 0]) < math.inf):
            return False
    return True


@njit(types.int64(ROWS, types.int64), **KEPT)
def extremes(rows: Array, safe: int) -> int:
    """Return how many rows have a largest magnitude beyond 2 ** `safe`, or below its inverse.

    If there are numbers that are not finite, it is -1.
    """
    found = 0
    for i in range(rows.shape[0]):
        largest = _largest(rows[i], rows[i], False)
        if largest >= _INFINITY:
            return -1
        found += int(largest != 0 and abs(_exponent(largest)) > safe)
    return found
