"""The arguments of one call as rows, a channel each."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect, Estimator, Source
from bnparity_reference.double_double import DoubleDouble
from bnparity_reference.masks import Mask, divisor_of
from bnparity_reference.scalars import Weights
from bnparity_reference.scaled import Scaled

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Call:
    """The arguments: ``x``, ``grad`` (C, n), the other arrays (C, 1); None where there is none.

    ``weights`` are those of the old running statistics and of the batch in the new ones, None where
    these stay as they are, and ``entering`` those in what normalises, where that is updated;
    ``source`` is what normalises. ``training`` counts an untracked layer
    in, ``extreme`` tells of numbers near the ends of the range. ``counts`` says how many of the n
    values each rank holds, one rank after the other, and ``images`` in how many images: alone, a
    rank holds all. ``bessel`` is what an
    unbiased estimator counts. Those values alone count in the batch's statistics that the ``mask``
    (C, n) leaves in, None leaves in all. ``grad_mean`` and ``grad_var`` are what a loss has by the
    new running statistics.
    """

    x: Array
    grad: Array | None
    weight: Array | None
    weight_sign: Array | None
    bias: Array | None
    old_mean: Array | None
    old_var: Array | None
    eps: float
    weights: Weights | None
    entering: Weights | None
    source: Source
    training: bool
    dialect: Dialect
    extreme: bool
    counts: tuple[int, ...]
    images: tuple[int, ...]
    bessel: int | Array
    mask: Mask | None = None
    grad_mean: Array | None = None
    grad_var: Array | None = None

    @cached_property
    def divisor(self) -> DoubleDouble | None:
        """What a mask has sums divided by, (C, 1)."""
        return None if self.mask is None else divisor_of(self.dialect, self.mask)

    def averaged(self, sums: Scaled) -> Scaled:
        """Return sums over a channel's values (C, 1), divided by how many there are."""
        if self.divisor is None:
            return sums.over(self.x.shape[1])
        return Scaled(sums.value / self.divisor, sums.exponent)

    def over_degrees(self, squares: Scaled, estimator: Estimator) -> Scaled:
        """Return the variance that `squares` (C, 1), the sum of n of them, make; 0 / 0 is NaN."""
        n, count = self.x.shape[1], self.bessel
        if estimator == "biased":
            return self.averaged(squares)
        clamped = self.dialect.bessel_count != "values" or self.dialect.single_value == "clamped"
        degrees = np.maximum(count - 1, 1 if clamped and n > 0 else 0)
        if self.mask is None and np.all(count == n):
            return squares.over(degrees)
        counts = np.reshape(np.asarray(count, dtype=np.float64), (-1, 1))
        return (self.averaged(squares) * Scaled(DoubleDouble(counts))).over(degrees)
