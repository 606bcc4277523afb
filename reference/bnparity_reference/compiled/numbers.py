"""Double-double numbers, one at a time, as loops take them.

Each goes through the very operations of `bnparity_reference.double_double`, in their order, so that
its bits are the same: nothing is reassociated, no product is fused with a sum. All of it is inlined
in `rows` and `sums`, by whose age Numba knows what it has compiled: a change here touches them too.
"""

import math
from typing import Any, TypeAlias

import numpy as np
from numba import njit, types
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]
#: Upper part, lower part and whether there is one; without, the upper one is in its place.
Number: TypeAlias = tuple[float, float, bool]
#: Rows of them, and one row or part of it.
Numbers: TypeAlias = tuple[Array, Array, bool]
Row: TypeAlias = tuple[Array, Array, bool]

#: Those as the arguments of a loop.
ROWS = types.Array(types.float64, 2, "C")
NUMBERS = types.Tuple((ROWS, ROWS, types.boolean))  # type: ignore[no-untyped-call]  # Numba's

#: How loops are compiled. Numba's own rules for division would raise where NumPy has infinity.
KEPT: Any = {"cache": True, "nogil": True, "error_model": "numpy"}

#: No sum is changed by it, whatever the sign of a zero.
NOTHING = -0.0

_SPLITTER = 2.0**27 + 1.0


@njit(inline="always")
def halves(number: float) -> tuple[float, float]:
    """Return a number as the sum of two of 26 bits, whose products are exact."""
    scaled = _SPLITTER * number
    upper = scaled - (scaled - number)
    return upper, number - upper


@njit(inline="always")
def added(a: Number, b: Number) -> Number:
    """Return a sum."""
    hi = a[0] + b[0]
    of_b = hi - a[0]
    lo = (a[0] - (hi - of_b)) + (b[0] - of_b)
    lo += a[1] if a[2] else NOTHING
    lo += b[1] if b[2] else NOTHING
    return hi, lo, True


@njit(inline="always")
def product(a: Number, b: Number) -> Number:
    """Return a product."""
    a_upper, a_lower = halves(a[0])
    b_upper, b_lower = halves(b[0])
    hi = a[0] * b[0]
    lo = a_upper * b_upper - hi
    lo += a_upper * b_lower
    lo += a_lower * b_upper
    lo += a_lower * b_lower
    lo += a[0] * b[1] if b[2] else NOTHING
    lo += a[1] * b[0] if a[2] else NOTHING
    return hi, lo, True


@njit(inline="always")
def negative(a: Number) -> Number:
    """Return what is as far from 0 on the other side."""
    return -a[0], -a[1], a[2]


@njit(inline="always")
def rounded(a: Number) -> float:
    """Return the nearest float64 number; where the rounding error is NaN, the one without."""
    nearest = a[0] + a[1] if a[2] else a[0]
    return nearest if abs(nearest) < math.inf else a[0]


@njit(inline="always")
def quotient(a: Number, b: Number) -> Number:
    """Return a quotient, by long division in two steps."""
    first = a[0] / b[0]
    rest = added(a, negative(product((first, first, False), b)))
    return first, rounded(rest) / b[0], True


@njit(inline="always")
def share(a: Number, count: float) -> Number:
    """Return a number divided by a count below 2 ** 26."""
    first = a[0] / count
    upper, lower = halves(first)
    rest = (a[0] - upper * count) - lower * count
    rest += a[1] if a[2] else NOTHING
    return first, rest / count, True


@njit(inline="always")
def root(a: Number) -> Number:
    """Return the square root, by one step of Newton's iteration."""
    first = np.sqrt(a[0])
    rest = added(a, negative(product((first, first, False), (first, first, False))))
    return first, rounded(rest) / (2.0 * first) if first != 0.0 else 0.0, True


@njit(inline="always")
def normalized(a: Number) -> Number:
    """Return a number with all that float64 can hold of it in the upper part."""
    hi = rounded(a)
    return hi, a[1] - (hi - a[0]) if abs(hi) < math.inf else 0.0, True


@njit(inline="always")
def of(numbers: Numbers, row: int, place: int) -> Number:
    """Return the number in a place."""
    return numbers[0][row, place], numbers[1][row, place], numbers[2]
