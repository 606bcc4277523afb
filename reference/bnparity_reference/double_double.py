"""Double-double arithmetic: float64 arrays that carry their own rounding errors.

A value is the unevaluated sum ``hi + lo`` of two float64 numbers, good to about 104 bits. It is
made of error-free transformations only, so that it is the same on every machine that rounds by
IEEE 754: TwoSum and TwoProduct after Knuth, Dekker ("A floating-point technique for extending the
available precision", 1971) and Veltkamp; the exact splitting of sums after Rump, Ogita and Oishi,
"Accurate floating-point summation, part I" (2008). Where a part is infinite or NaN, ``hi`` is what
plain float64 arithmetic gives and ``lo`` is 0. `bnparity_reference.compiled` has the same in loops
that are compiled, where Numba is; it is asked first.
"""

from dataclasses import dataclass
from math import isfinite
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.compiled import passes

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
    """An array of numbers ``hi + lo``; ``lo`` is small beside what ``hi`` was computed from.

    No ``lo``, None, says that the numbers are those of ``hi``.
    """

    hi: Array
    lo: Array | None = None

    @property
    def halves(self) -> tuple[Array, Array]:
        """``hi`` as the sum of two numbers of 26 bits, whose products are exact."""
        known: tuple[Array, Array] | None = self.__dict__.get("_halves")
        if known is None:  # a cached_property takes a lock, and a tenth of the time of small arrays
            scaled = _SPLITTER * self.hi
            upper = scaled - self.hi
            np.subtract(scaled, upper, out=upper)
            known = upper, np.subtract(self.hi, upper, out=scaled)
            self.__dict__["_halves"] = known
        return known

    def __add__(self, other: "DoubleDouble") -> "DoubleDouble":
        """Return the sum: off by `UNIT` of the two magnitudes, not of what they leave."""
        found = passes.combined("SUM", self, other)
        if found is not None:
            return DoubleDouble(*found)
        hi, lo = _two_sum(self.hi, other.hi)
        for part in (self.lo, other.lo):
            if part is not None:
                lo += part
        return DoubleDouble(hi, lo)

    def __neg__(self) -> "DoubleDouble":
        return DoubleDouble(-self.hi, None if self.lo is None else -self.lo)

    def __sub__(self, other: "DoubleDouble") -> "DoubleDouble":
        found = passes.combined("DIFFERENCE", self, other)
        if found is not None:
            return DoubleDouble(*found)
        return self + -other

    def __mul__(self, other: "DoubleDouble") -> "DoubleDouble":
        found = passes.combined("PRODUCT", self, other)
        if found is not None:
            return DoubleDouble(*found)
        (a, b), (c, d) = self.halves, other.halves
        hi = self.hi * other.hi
        lo = a * c
        lo -= hi
        lo += a * d
        lo += b * c
        lo += b * d
        if other.lo is not None:
            lo += self.hi * other.lo
        if self.lo is not None:
            lo += self.lo * other.hi
        return DoubleDouble(hi, lo)

    def __truediv__(self, other: "DoubleDouble") -> "DoubleDouble":
        """Return the quotient, by long division in two steps."""
        found = passes.combined("QUOTIENT", self, other)
        if found is not None:
            return DoubleDouble(*found)
        first = DoubleDouble(self.hi / other.hi)
        return DoubleDouble(first.hi, (self - first * other).rounded() / other.hi)

    def over(self, count: int | Array) -> "DoubleDouble":
        """Return the value divided by `count`, below 2 ** 26 so that products with it are exact."""
        divisor = count if isinstance(count, np.ndarray) else float(count)
        found = passes.combined("SHARE", self, DoubleDouble(np.array(divisor, np.float64, ndmin=2)))
        if found is not None:
            return DoubleDouble(*found)
        first = DoubleDouble(self.hi / divisor)
        upper, lower = first.halves
        rest = (self.hi - upper * divisor) - lower * divisor
        if self.lo is not None:
            rest += self.lo
        return DoubleDouble(first.hi, rest / divisor)

    def shifted(self, exponent: Exponent) -> "DoubleDouble":
        """Return the value times 2 ** `exponent`; exact, but for what falls out of the range."""
        if isinstance(exponent, int):
            return self
        lo = None if self.lo is None else np.ldexp(self.lo, exponent)
        return DoubleDouble(np.ldexp(self.hi, exponent), lo)

    def rounded(self) -> Array:
        """Return the nearest float64 numbers; where rounding errors are NaN, those without them."""
        if self.lo is None:
            return self.hi
        found = passes.combined("ROUNDED", self, self)
        if found is not None:
            return found[0]
        nearest = self.hi + self.lo
        if not isfinite(np.add.reduce(nearest, axis=None)):  # the cheapest way to see a NaN
            return np.where(np.isfinite(nearest), nearest, self.hi)
        return nearest

    def normalized(self) -> "DoubleDouble":
        """Return the same numbers with all that float64 can hold of them in ``hi``."""
        if self.lo is None:
            return self
        found = passes.combined("NORMALIZED", self, self)
        if found is not None:
            return DoubleDouble(*found)
        hi = self.rounded()
        return DoubleDouble(hi, np.where(np.isfinite(hi), self.lo - (hi - self.hi), 0.0))


def root(square: DoubleDouble) -> DoubleDouble:
    """Return the square root, by one step of Newton's iteration from float64's."""
    found = passes.combined("ROOT", square, square)
    if found is not None:
        return DoubleDouble(*found)
    first = DoubleDouble(np.sqrt(square.hi))
    rest = (square - first * first).rounded()
    halved = np.divide(rest, 2.0 * first.hi, out=np.zeros_like(rest), where=first.hi != 0.0)
    return DoubleDouble(first.hi, halved)


def total(terms: DoubleDouble) -> DoubleDouble:
    """Return the sum of each row, (C, n) to (C, 1).

    Each pass splits off the bits above a power of two; such parts have a sum without rounding,
    whatever its order. Two passes leave terms that no longer matter.
    """
    found = passes.total(terms)
    if found is not None:
        return DoubleDouble(*found)
    rest, n = terms.hi, terms.hi.shape[1]
    room = (n + 1).bit_length()  # 2 ** room >= n + 2
    largest = np.maximum.reduce(np.abs(rest), axis=1, keepdims=True, initial=_SMALLEST)
    above = np.ldexp(1.0, room + np.frexp(largest)[1])
    sums = []
    for _ in range(2):
        split = rest + above
        split -= above
        sums.append(np.add.reduce(split, axis=1, keepdims=True))
        rest = np.subtract(rest, split, out=split)
        above = above * 2.0 ** (room - 53)
    if terms.lo is not None:
        rest += terms.lo
    hi, lo = _two_sum(*sums)
    lo += np.add.reduce(rest, axis=1, keepdims=True)
    if not isfinite(np.add.reduce(lo, axis=None)):
        plain = np.add.reduce(terms.hi, axis=1, keepdims=True)
        hi = np.where(np.isfinite(hi), hi, plain)
    return DoubleDouble(hi, lo)


def total_of_products(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    """Return the sum of each row of the products, (C, n) to (C, 1)."""
    found = passes.total(a, b)
    return total(a * b) if found is None else DoubleDouble(*found)


def centred(data: DoubleDouble, mean: DoubleDouble) -> DoubleDouble:
    """Return the data less their `mean` (C, 1), normalized."""
    found = passes.centred(data, mean)
    return (data - mean).normalized() if found is None else DoubleDouble(*found)


def line(data: DoubleDouble, slope: DoubleDouble, offset: DoubleDouble | None) -> Array:
    """Return data * slope + offset, rounded, with columns (C, 1); None adds nothing."""
    found = passes.line(data, slope, offset)
    if found is not None:
        return found
    product = data * slope
    return (product if offset is None else product + offset).rounded()


def plane(
    data: DoubleDouble,
    less: DoubleDouble,
    other: DoubleDouble,
    slope: DoubleDouble,
    scale: DoubleDouble,
) -> Array:
    """Return (data - less - other * slope) * scale, rounded; all but data and other are columns."""
    found = passes.plane(data, less, other, slope, scale)
    if found is not None:
        return found
    return ((data - less + other * -slope) * scale).rounded()


def _two_sum(a: Array, b: Array) -> tuple[Array, Array]:
    """Return the rounded sum and, exactly, what rounding took."""
    total = a + b
    of_b = total - a
    lost = total - of_b
    np.subtract(a, lost, out=lost)
    np.subtract(b, of_b, out=of_b)
    lost += of_b
    return total, lost
