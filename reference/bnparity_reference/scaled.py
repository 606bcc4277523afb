"""Rows with an exponent of their own, so that no product of a few leaves the range of float64.

Error-free products need it: what they lose must still be a normal number. Data within 2 ** -200 and
2 ** 200 do without, and then every exponent is the plain 0, which costs nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.compiled import passes
from bnparity_reference.double_double import DoubleDouble, Exponent

Array = NDArray[np.float64]

_SAFE = 200
#: Magnitudes from the first up, and below the second, have no exponent further out.
_LEAST, _MOST = 2.0 ** (-_SAFE - 1), 2.0**_SAFE
#: Stands for the exponent of 0, below any sum or half of others.
_OF_ZERO = -8000


@dataclass(frozen=True, eq=False)
class Scaled:
    """The numbers ``value * 2 ** exponent``; ``value`` is (C, n) or (C, 1)."""

    value: DoubleDouble
    exponent: Exponent = 0

    def at(self, exponent: Exponent) -> DoubleDouble:
        """Return the numbers in units of 2 ** `exponent`."""
        return self.value.shifted(self.exponent - exponent)

    def rounded(self) -> Array:
        """Return the nearest float64 numbers."""
        nearest = self.value.rounded()
        return nearest if isinstance(self.exponent, int) else np.ldexp(nearest, self.exponent)

    def __mul__(self, other: "Scaled") -> "Scaled":
        return Scaled(self.value * other.value, self.exponent + other.exponent)

    def over(self, count: int | Array) -> "Scaled":
        """Return the numbers divided by `count`, (C, 1) of them or one."""
        return Scaled(self.value.over(count), self.exponent)


def scaled(rows: Array, extreme: bool) -> Scaled:
    """Return `rows` (C, n), divided by a power of two each if there are `extreme` magnitudes."""
    if not extreme:
        return Scaled(DoubleDouble(rows))
    exponent = unit(exponents(rows))
    return Scaled(DoubleDouble(rows).shifted(-exponent), exponent)


def rescaled(numbers: Scaled) -> Scaled:
    """Return the same numbers with the exponent that their magnitude asks for."""
    if isinstance(numbers.exponent, int):
        return numbers
    exponent = unit(exponents(numbers.value.hi) + numbers.exponent)
    return Scaled(numbers.at(exponent), exponent)


def stacked(upper: Scaled, lower: Scaled) -> Scaled:
    """Return the rows of both, one below the other."""
    values = (upper.value, lower.value)
    lows = [np.zeros_like(value.hi) if value.lo is None else value.lo for value in values]
    value = DoubleDouble(np.concatenate([value.hi for value in values]), np.concatenate(lows))
    if isinstance(upper.exponent, int) or isinstance(lower.exponent, int):
        return Scaled(value)
    return Scaled(value, np.concatenate([upper.exponent, lower.exponent]))


def common_unit(a: Scaled, b: Scaled) -> Exponent:
    """Return the exponent in which numbers of both can be added."""
    if isinstance(a.exponent, int) and isinstance(b.exponent, int):
        return 0
    magnitudes = (exponents(part.value.hi) + part.exponent for part in (a, b))
    return unit(np.maximum(*magnitudes))


def has_extremes(*arrays: Array | None) -> bool:
    """Return whether some number is so large, or some row so small, that products need care."""
    return any(_extremes(rows) > 0 for rows in arrays if rows is not None)


def _extremes(rows: Array) -> int:
    """Return how many rows need care."""
    found = passes.extremes(rows, _SAFE)
    if found is not None:
        return found
    largest = np.maximum.reduce(np.abs(rows), axis=1, keepdims=True, initial=0.0)
    if largest.size and largest.min() >= _LEAST and largest.max() < _MOST:  # of most data
        return 0
    return int(np.count_nonzero(unit(_exponents(largest))))


def exponents(rows: Array) -> NDArray[np.intc]:
    """Return for each row (C, n) the least e with 2 ** e above all magnitudes; far below for 0."""
    return _exponents(np.maximum.reduce(np.abs(rows), axis=1, keepdims=True, initial=0.0))


def _exponents(largest: Array) -> NDArray[np.intc]:
    return np.where(largest == 0.0, np.intc(_OF_ZERO), np.frexp(largest)[1])


def unit(exponent: NDArray[np.intc]) -> NDArray[np.intc]:
    """Return `exponent` where a product of a few such magnitudes could leave the range, else 0."""
    far = (np.abs(exponent) > _SAFE) & (exponent > _OF_ZERO // 4)
    return np.where(far, exponent, np.intc(0))
