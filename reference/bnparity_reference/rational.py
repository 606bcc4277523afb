"""What exact arithmetic lacks in the standard library: a root, a distance in ulps, a fast sum.

The root is the one quantity of BatchNorm that is not rational, so the one place where the exact
reference rounds; its bound is proven here.
"""

import math
import sys
from collections.abc import Iterable
from fractions import Fraction

_LARGEST = Fraction(sys.float_info.max)
_BEYOND = Fraction(2) ** 1024


def root(value: Fraction, *, bits: int = 256) -> Fraction:
    """Return the square root, exact if it is rational, else less than 2**-bits of itself too small.

    Proof. A fraction in lowest terms has a rational root only if both its terms are squares: that
    root is returned. Else let V = value * 4**k, and r the integer part of sqrt(V); `math.isqrt`
    finds it from that of V, as an integer's square is at most V if it is at most V's integer part.
    Now r <= sqrt(V) < r + 1, so r / 2**k is too small by less than 1 / 2**k, which is 1 / sqrt(V)
    of the root. With la and lb the lengths of numerator and denominator in bits, value is above
    2**(la - 1 - lb); as 2 * k >= 2 * bits + lb - la + 1, V is above 4**bits, and 1 / sqrt(V) below
    2**-bits.

    Parameters
    ----------
    value
        What to take the root of; that of 0 is 0.
    bits
        How small the relative error is.

    Returns
    -------
    Fraction
        The root.

    Raises
    ------
    ValueError
        If `value` is negative.

    Examples
    --------
    >>> root(Fraction(4, 9))
    Fraction(2, 3)
    """
    if value < 0:
        raise ValueError("a negative number has no square root")
    rational = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    if rational**2 == value:
        return rational
    lengths = value.denominator.bit_length() - value.numerator.bit_length()
    scale = Fraction(2) ** (bits + (lengths + 2) // 2)
    return math.isqrt(math.floor(value * scale**2)) / scale


def ulps(got: float, exact: Fraction) -> float:
    """Return how far `got` is from `exact` in units in the last place of float64.

    Parameters
    ----------
    got
        What a program computed. An infinity is right where `exact` rounds to it, and elsewhere
        stands for 2**1024, the next in the row of floats.
    exact
        What it should be. The unit is that of the largest float64 not above its magnitude.

    Returns
    -------
    float
        The distance; infinity if `got` is NaN or the distance overflows.

    Examples
    --------
    >>> ulps(1.0, 1 + Fraction(1, 2**53))
    0.5
    """
    if math.isnan(got):
        return math.inf
    number = Fraction(got) if math.isfinite(got) else int(math.copysign(1, got)) * _BEYOND
    if math.isinf(got) and number * exact > 0 and abs(exact) >= (_LARGEST + _BEYOND) / 2:
        return 0.0
    below = float(min(abs(exact), _LARGEST))
    if below > abs(exact):
        below = math.nextafter(below, 0.0)
    try:
        return float(abs(number - exact) / Fraction(math.ulp(below)))
    except OverflowError:
        return math.inf


def total(terms: Iterable[Fraction]) -> Fraction:
    """Return the sum of `terms`, over one common denominator: reduced once, not at every term."""
    addends = list(terms)
    common = math.lcm(*(term.denominator for term in addends))
    return Fraction(sum(t.numerator * (common // t.denominator) for t in addends), common)
