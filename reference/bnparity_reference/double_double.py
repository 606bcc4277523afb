"""Double-double arithmetic: float64 arrays that carry their own rounding errors.

A value is the unevaluated sum ``hi + lo`` of two float64 numbers, good to about 104 bits. It is
made of error-free transformations only, so that it is the same on every machine that rounds by
IEEE 754: TwoSum and TwoProduct after Knuth, Dekker ("A floating-point technique for extending the
available precision", 1971) and Veltkamp; the exact splitting of sums after Rump, Ogita and Oishi,
"Accurate floating-point summation, part I" (2008). Where a part is infinite or NaN, ``hi`` is what
plain float64 arithmetic gives and ``lo`` is 0.
"""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Powers of two, one a row (C, 1); the plain 0 where no row needs one.
Exponent: TypeAlias = int | NDArray[np.intc]

#: An operation's relative error, by its operands: 2 ** -104 with room for a chain of them.
UNIT = 2.0**-98

_SPLITTER = 2.0**27 + 1.0
#: Rows of zeros are taken for this large.
_SMALLEST = 2.0**-900


@dataclass(frozen=True, eq=False)
class DoubleDouble:
    """An array of double-double numbers; ``hi`` and ``lo`` have one shape."""

    hi: Array
    lo: Array

    @cached_property
    def halves(self) -> tuple[Array, Array]:
        """``hi`` as the sum of two numbers of 26 bits, whose products are exact."""
        scaled = _SPLITTER * self.hi
        upper = scaled - (scaled - self.hi)
        return upper, self.hi - upper

    def __add__(self, other: "DoubleDouble") -> "DoubleDouble":
        """Return the sum: off by `UNIT` of the two magnitudes, not of what they leave."""
        hi, lo = _two_sum(self.hi, other.hi)
        lo += self.lo
        lo += other.lo
        return _normalized(hi, lo)

    def __neg__(self) -> "DoubleDouble":
        return DoubleDouble(-self.hi, -self.lo)

    def __sub__(self, other: "DoubleDouble") -> "DoubleDouble":
        return self + -other

    def __mul__(self, other: "DoubleDouble") -> "DoubleDouble":
        (a, b), (c, d) = self.halves, other.halves
        hi = self.hi * other.hi
        lo = a * c
        lo -= hi
        lo += a * d
        lo += b * c
        lo += b * d
        lo += self.hi * other.lo
        lo += self.lo * other.hi
        return _normalized(hi, lo)

    def __truediv__(self, other: "DoubleDouble") -> "DoubleDouble":
        """Return the quotient, by long division in two steps."""
        first = exactly(self.hi / other.hi)
        second = (self - first * other).hi / other.hi
        return _normalized(first.hi, first.lo + second)

    def over(self, count: int) -> "DoubleDouble":
        """Return the value divided by `count`, below 2 ** 26 so that products with it are exact."""
        divisor = float(count)
        first = np.asarray(self.hi / divisor)
        upper, lower = exactly(first).halves
        rest = ((self.hi - upper * divisor) - lower * divisor + self.lo) / divisor
        return _normalized(first, rest)

    def shifted(self, exponent: Exponent) -> "DoubleDouble":
        """Return the value times 2 ** `exponent`; exact, but for what falls out of the range."""
        if isinstance(exponent, int):
            return self
        return DoubleDouble(np.ldexp(self.hi, exponent), np.ldexp(self.lo, exponent))


def exactly(values: Array) -> DoubleDouble:
    """Return float64 numbers as double-double ones."""
    return DoubleDouble(values, np.zeros(values.shape))


def root(square: DoubleDouble) -> DoubleDouble:
    """Return the square root, by one step of Newton's iteration from float64's."""
    first = exactly(np.sqrt(square.hi))
    rest = (square - first * first).hi
    halved = np.divide(rest, 2.0 * first.hi, out=np.zeros_like(rest), where=first.hi != 0.0)
    return _normalized(first.hi, halved)


def total(terms: DoubleDouble) -> DoubleDouble:
    """Return the sum of each row, (C, n) to (C, 1).

    Each pass splits off the bits above a power of two; such parts have a sum without rounding,
    whatever its order. Two passes leave terms that no longer matter.
    """
    rest, n = terms.hi, terms.hi.shape[1]
    room = int(np.ceil(np.log2(n + 2)))
    sums = []
    largest = np.maximum.reduce(np.abs(rest), axis=1, keepdims=True, initial=_SMALLEST)
    above = np.ldexp(1.0, room + np.frexp(largest)[1])
    for _ in range(2):
        split = rest + above
        split -= above
        sums.append(np.add.reduce(split, axis=1, keepdims=True))
        rest = rest - split
        above = above * 2.0 ** (room - 53)
    hi, lo = _two_sum(*sums)
    lo += np.add.reduce(rest + terms.lo, axis=1, keepdims=True)
    if not isfinite(np.add.reduce(lo, axis=None)):
        plain = np.add.reduce(terms.hi, axis=1, keepdims=True)
        hi = np.where(np.isfinite(hi), hi, plain)
    return _normalized(hi, lo)


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the rounded sum and, exactly, what rounding took."""
    total = a + b
    of_b = total - a
    lost = total - of_b
    np.subtract(a, lost, out=lost)
    np.subtract(b, of_b, out=of_b)
    lost += of_b
    return total, lost


def _normalized(hi: Array, lo: Array) -> DoubleDouble:
    """Return `hi` + `lo` with all that float64 can hold of it in ``hi``; `lo` is the smaller."""
    upper = hi + lo
    lower = upper - hi
    lower = lo - lower
    if not isfinite(np.add.reduce(lower, axis=None)):  # the cheapest way to see a NaN
        finite = np.isfinite(upper)
        upper, lower = np.where(finite, upper, hi), np.where(finite, lower, 0.0)
    return DoubleDouble(upper, lower)
