"""The root, the distance in ulps and the sum on which the exact reference rests."""

import math
import sys
from fractions import Fraction

import numpy as np
import pytest
from bnparity_reference.rational import root, total, ulps

LARGEST = sys.float_info.max
TINY = Fraction(5e-324)


def fractions(seed: int) -> list[Fraction]:
    """Return positive fractions of all magnitudes, dyadic and not."""
    rng = np.random.default_rng(seed)
    numbers = [Fraction(m) for m in rng.random(100)]
    exponents = [int(e) for e in rng.integers(-2148, 2048, 100)]
    divisors = [int(k) for k in rng.integers(1, 1000, 100)]
    terms = zip(numbers, exponents, divisors, strict=True)
    return [m * Fraction(2) ** e / k for m, e, k in terms]


@pytest.mark.parametrize("bits", [1, 53, 256])
def test_root_is_too_small_by_less_than_its_bound(bits: int) -> None:
    """Its square and that of a root raised by the bound enclose the value, at any magnitude."""
    for value in [*fractions(bits), Fraction(2), Fraction(2) ** 2049, Fraction(2) ** -2149]:
        got = root(value, bits=bits)
        assert got**2 <= value < (got / (1 - Fraction(1, 2**bits))) ** 2


def test_root_of_a_square_is_exact() -> None:
    """A rational root is found as it is, not near it, and 0 is one."""
    for value in [Fraction(0), Fraction(1), *fractions(0)]:
        assert root(value**2) == value


def test_root_of_a_negative_number_is_refused() -> None:
    """There is no real one."""
    with pytest.raises(ValueError, match="negative"):
        root(Fraction(-1, 10**400))


@pytest.mark.parametrize(
    ("got", "exact", "want"),
    [
        (1.0, Fraction(1), 0.0),
        (1.0, 1 + Fraction(1, 2**52), 1.0),
        (1.0, 1 - Fraction(1, 2**53), 1.0),  # the unit below 1 is half that above
        (1.0, 1 - Fraction(1, 2**80), 2.0**-27),  # though this rounds to 1
        (-1.0, Fraction(1), 2.0**53),
        (-3.0, Fraction(-3) - Fraction(1, 2**51), 1.0),
        (5e-324, Fraction(0), 1.0),
        (0.0, TINY / 4, 0.25),
        (0.0, -TINY, 1.0),
        (2.0**-1022, Fraction(2) ** -1022 + TINY, 1.0),
        (LARGEST, Fraction(2) ** 1024, 1.0),
        (LARGEST, Fraction(2) ** 1025, 2.0**53 + 1),
        (math.inf, Fraction(2) ** 1024, 0.0),
        (math.inf, Fraction(10) ** 400, 0.0),
        (math.inf, Fraction(2) ** 1024 - Fraction(2) ** 970, 0.0),  # a tie, which rounds up
        (math.inf, Fraction(2) ** 1024 - Fraction(2) ** 971, 1.0),
        (-math.inf, Fraction(-(2**1024)), 0.0),
        (-math.inf, Fraction(2) ** 1024, 2.0**54),
        (math.inf, Fraction(1), math.inf),
        (math.nan, Fraction(1), math.inf),
        (1.0, Fraction(10) ** 4000, math.inf),
    ],
)
def test_ulps_count_the_places_of_float64(got: float, exact: Fraction, want: float) -> None:
    """The unit is the binade's below the exact value, subnormal at least; infinity is a float."""
    assert ulps(got, exact) == want


def test_ulps_of_rounding_is_at_most_a_half() -> None:
    """The float64 next to a number is half a unit away at most, and not always at it."""
    errors = [ulps(float(v), v) for v in fractions(1) if v < Fraction(2) ** 1023]
    assert 0.4 < max(errors) <= 0.5


def test_total_is_the_sum() -> None:
    """Over any denominators, and of nothing."""
    for terms in (fractions(2), [Fraction(1, 3), Fraction(1, 6), Fraction(-1, 2)], []):
        assert total(terms) == sum(terms, Fraction(0))
