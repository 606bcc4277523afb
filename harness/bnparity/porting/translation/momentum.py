"""Momentum is the weight of the new batch in PyTorch and of the old average in MindSpore.

``1 - momentum`` in floats gives 0.09999999999999998 for 0.9, and not every float comes back. Here
the decimals that a person reads are subtracted instead, 0.1 for 0.9, and each float that is
accepted comes back as it was; the ones that cannot are named.
"""

from fractions import Fraction


def complement(momentum: float) -> float | None:
    """Return `momentum`, in [0, 1], as the other API means it; None where it would not come back.

    From 0.5 up every float has a complement. Below there are more floats than complements: 1e-17
    and 0 would both become 1.0, so 1e-17 has none. With M = complement(m), MindSpore's layer hands
    its kernel ``1.0 - M``, computed in float64, which is within 2 ** -53 of m: the bound of the
    running statistics allows the share a unit roundoff of float32, 2 ** -24.

    Examples
    --------
    >>> complement(0.2), complement(0.9), complement(0.01)
    (0.8, 0.1, 0.99)
    >>> complement(1e-17) is None
    True
    """
    decimal = nearest(momentum)
    if nearest(decimal) == momentum:
        return decimal
    # Above 0.5 the difference of floats is exact, and serves those whose decimals do not.
    exact = 1.0 - momentum
    taken = nearest(nearest(exact)) == exact
    return None if taken or 1.0 - exact != momentum else exact


def nearest(momentum: float) -> float:
    """Return the float nearest to 1 less the shortest decimal that stands for `momentum`.

    Examples
    --------
    >>> nearest(0.9), nearest(1e-17)
    (0.1, 1.0)
    """
    return float(1 - Fraction(repr(momentum)))
