"""Double-double passes as compiled loops, one way through the data each.

Every number goes through the very operations of `bnparity_reference.double_double`, in their order,
so that its bits are the same: nothing is reassociated, no product is fused with a sum. Arrays are
rows (C, n), contiguous. All of it is in one file, by whose age Numba knows what it has compiled.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
#: Upper parts, lower parts and whether there are any; without, the upper ones are in their place.
Numbers: TypeAlias = tuple[Array, Array, bool]
#: A row of them, or part of one; and one of them.
Part: TypeAlias = tuple[Array, Array, bool]
Number: TypeAlias = tuple[float, float, bool]

_ROW = types.Array(types.float64, 1, "C")
_ROWS = types.Array(types.float64, 2, "C")
_NUMBERS = types.Tuple((_ROWS, _ROWS, types.boolean))
_PART = types.Tuple((_ROW, _ROW, types.boolean))
_SPLIT = types.Tuple((types.boolean, types.float64, types.float64))

#: What `combined` makes of two operands; the last three look at the first alone.
SUM, DIFFERENCE, PRODUCT, QUOTIENT, SHARE, ROOT, ROUNDED, NORMALIZED = range(8)

#: No sum is changed by it, whatever the sign of a zero.
_NOTHING = -0.0
_SPLITTER = 2.0**27 + 1.0
#: The bits of what `double_double.total` takes rows of zeros for.
_SMALLEST = np.int64((1023 - 900) << 52)
_MAGNITUDE, _INFINITY = np.int64(2**63 - 1), np.int64(0x7FF << 52)
#: NumPy sums so many numbers without parting them, in so many sums side by side.
_LEAF, _LANES = 128, 8

#: Numba's own rules for division would raise where NumPy has infinity.
_compiled: Any = {"cache": True, "nogil": True, "error_model": "numpy"}


@njit(inline="always")
def _halves(number: float) -> tuple[float, float]:
    scaled = _SPLITTER * number
    upper = scaled - (scaled - number)
    return upper, number - upper


@njit(inline="always")
def _sum(a: Number, b: Number) -> Number:
    hi = a[0] + b[0]
    of_b = hi - a[0]
    lo = (a[0] - (hi - of_b)) + (b[0] - of_b)
    lo += a[1] if a[2] else _NOTHING
    lo += b[1] if b[2] else _NOTHING
    return hi, lo, True


@njit(inline="always")
def _product(a: Number, b: Number) -> Number:
    a_upper, a_lower = _halves(a[0])
    b_upper, b_lower = _halves(b[0])
    hi = a[0] * b[0]
    lo = a_upper * b_upper - hi
    lo += a_upper * b_lower
    lo += a_lower * b_upper
    lo += a_lower * b_lower
    lo += a[0] * b[1] if b[2] else _NOTHING
    lo += a[1] * b[0] if a[2] else _NOTHING
    return hi, lo, True


@njit(inline="always")
def _negative(a: Number) -> Number:
    return -a[0], -a[1], a[2]


@njit(inline="always")
def _rounded(a: Number) -> float:
    nearest = a[0] + a[1] if a[2] else a[0]
    return nearest if abs(nearest) < math.inf else a[0]


@njit(inline="always")
def _quotient(a: Number, b: Number) -> Number:
    first = a[0] / b[0]
    rest = _sum(a, _negative(_product((first, first, False), b)))
    return first, _rounded(rest) / b[0], True


@njit(inline="always")
def _share(a: Number, count: float) -> Number:
    first = a[0] / count
    upper, lower = _halves(first)
    rest = (a[0] - upper * count) - lower * count
    rest += a[1] if a[2] else _NOTHING
    return first, rest / count, True


@njit(inline="always")
def _root(a: Number) -> Number:
    first = np.sqrt(a[0])
    rest = _sum(a, _negative(_product((first, first, False), (first, first, False))))
    return first, _rounded(rest) / (2.0 * first) if first != 0.0 else 0.0, True


@njit(inline="always")
def _normalized(a: Number) -> Number:
    hi = _rounded(a)
    return hi, a[1] - (hi - a[0]) if abs(hi) < math.inf else 0.0, True


@njit(inline="always")
def _of(numbers: Numbers, row: int, place: int) -> Number:
    return numbers[0][row, place], numbers[1][row, place], numbers[2]


@njit(types.void(types.int64, _NUMBERS, _NUMBERS, _ROWS, _ROWS), **_compiled)
def combined(how: int, a: Numbers, b: Numbers, hi: Array, lo: Array) -> None:
    """Fill what an operation makes of two; one row, or one column, goes with all of the other."""
    a_row, a_place = int(a[0].shape[0] > 1), int(a[0].shape[1] > 1)
    b_row, b_place = int(b[0].shape[0] > 1), int(b[0].shape[1] > 1)
    for i in range(hi.shape[0]):
        for j in range(hi.shape[1]):
            one, other = _of(a, i * a_row, j * a_place), _of(b, i * b_row, j * b_place)
            if how == SUM:
                found = _sum(one, other)
            elif how == DIFFERENCE:
                found = _sum(one, _negative(other))
            elif how == PRODUCT:
                found = _product(one, other)
            elif how == QUOTIENT:
                found = _quotient(one, other)
            elif how == SHARE:
                found = _share(one, other[0])
            elif how == ROOT:
                found = _root(one)
            elif how == ROUNDED:
                found = _rounded(one), 0.0, False
            else:
                found = _normalized(one)
            hi[i, j], lo[i, j] = found[0], found[1]


@njit(types.void(_NUMBERS, _NUMBERS, _ROWS, _ROWS), **_compiled)
def centred(data: Numbers, mean: Numbers, hi: Array, lo: Array) -> None:
    """Fill the data less a column, normalised."""
    for i in range(hi.shape[0]):
        less = _negative(_of(mean, i, 0))
        for j in range(hi.shape[1]):
            hi[i, j], lo[i, j], _ = _normalized(_sum(_of(data, i, j), less))


@njit(types.void(_NUMBERS, _NUMBERS, _NUMBERS, types.boolean, _ROWS), **_compiled)
def line(data: Numbers, slope: Numbers, offset: Numbers, moved: bool, found: Array) -> None:
    """Fill the data times a column, and another column added if they are to be moved, rounded."""
    for i in range(found.shape[0]):
        factor, term = _of(slope, i, 0), _of(offset, i, 0)
        for j in range(found.shape[1]):
            product = _product(_of(data, i, j), factor)
            if moved:
                product = _sum(product, term)
            found[i, j] = _rounded(product)


@njit(types.void(_NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _NUMBERS, _ROWS), **_compiled)
def plane(
    data: Numbers, less: Numbers, other: Numbers, slope: Numbers, scale: Numbers, found: Array
) -> None:
    """Fill (data - less - other * slope) * scale, rounded; all but data and other are columns."""
    for i in range(found.shape[0]):
        term, down = _negative(_of(less, i, 0)), _negative(_of(slope, i, 0))
        factor = _of(scale, i, 0)
        for j in range(found.shape[1]):
            rest = _sum(_of(data, i, j), term)
            rest = _sum(rest, _product(_of(other, i, j), down))
            found[i, j] = _rounded(_product(rest, factor))


@njit(inline="always")
def _largest(a: Array, b: Array, times: bool) -> int:
    """Return the bits of the largest magnitude in a row, or among its products with another."""
    largest = np.int64(0)
    for j in range(len(a)):
        term = a[j] * b[j] if times else a[j]
        largest = max(largest, np.float64(term).view(np.int64) & _MAGNITUDE)
    return largest


@njit(inline="always")
def _exponent(magnitude: int) -> int:
    """Return the least e with 2 ** e above a number of these bits, unless it is subnormal."""
    return (magnitude >> 52) - 1022


@njit(inline="always")
def _in_order(terms: Array, n: int, lanes: Array) -> float:
    """Return the sum of the first n numbers of a leaf, in the order in which NumPy adds them."""
    whole = n - n % _LANES
    lanes[:] = _NOTHING
    for j in range(0, whole, _LANES):
        for k in range(_LANES):
            lanes[k] += terms[j + k]
    left = (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
    total = left + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]))
    for j in range(whole, n):
        total += terms[j]
    return total


@njit(inline="always")
def _before(a: Part, place: int) -> Part:
    return a[0][:place], a[1][:place], a[2]


@njit(inline="always")
def _behind(a: Part, place: int) -> Part:
    return a[0][place:], a[1][place:], a[2]


@njit
def _multiplied(a: Part, b: Part, hi: Array, lo: Array) -> None:
    """Fill the products of two parts of rows."""
    one, one_lo, one_has = a
    other, other_lo, other_has = b
    for j in range(len(one)):
        product = _product((one[j], one_lo[j], one_has), (other[j], other_lo[j], other_has))
        hi[j], lo[j] = product[0], product[1]


@njit
def _taken(a: Part, above: float, below: float, first: Array, second: Array, rest: Array) -> None:
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


@njit(types.float64(_PART, _PART, _SPLIT, _ROWS), **_compiled)
def _rest(a: Part, b: Part, split: tuple[bool, float, float], scratch: Array) -> float:
    """Return the sum of what two passes leave of a row; what they take is added to `scratch`."""
    n = len(a[0])
    if n > _LEAF:
        half = n // 2
        half -= half % _LANES
        left = _rest(_before(a, half), _before(b, half), split, scratch)
        return left + _rest(_behind(a, half), _behind(b, half), split, scratch)
    times, above, below = split
    first, second, rest = scratch[2, :n], scratch[3, :n], scratch[4, :n]
    if times:
        _multiplied(a, b, scratch[0, :n], scratch[1, :n])
        _taken((scratch[0, :n], scratch[1, :n], True), above, below, first, second, rest)
    else:
        _taken(a, above, below, first, second, rest)
    return _in_order(rest, n, scratch[5, :_LANES])


@njit(types.boolean(_NUMBERS, _NUMBERS, types.boolean, types.int64, _ROWS, _ROWS), **_compiled)
def total(a: Numbers, b: Numbers, times: bool, room: int, hi: Array, lo: Array) -> bool:
    """Fill the sums of the rows, or of their products with others; return whether all are finite."""
    scratch = np.empty((6, _LEAF))
    for i in range(hi.shape[0]):
        largest = max(_largest(a[0][i], b[0][i], times), _SMALLEST)
        above = math.ldexp(1.0, room + _exponent(largest))
        split = times, above, above * 2.0 ** (room - 53)
        scratch[2:4] = 0.0
        rest = _rest((a[0][i], a[1][i], a[2]), (b[0][i], b[1][i], b[2]), split, scratch)
        first = second = 0.0
        for j in range(min(_LEAF, len(a[0][i]))):
            first += scratch[2, j]
            second += scratch[3, j]
        found = _sum((first, 0.0, False), (second, 0.0, False))
        hi[i, 0], lo[i, 0] = found[0], found[1] + (0.0 + rest)
        if not (abs(hi[i, 0]) < math.inf and abs(lo[i, 0]) < math.inf):
            return False
    return True


@njit(types.int64(_ROWS, types.int64), **_compiled)
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
