"""What an arithmetic loses: the units in which errors are bounded, and errors on the way."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from bnparity_reference import Dialect

from bnparity.backends import format_of
from bnparity.judging.nonfinite import Array
from bnparity.judging.summation import loss_in_any_order

row_sums: Callable[[Array], Array] = partial(np.add.reduce, axis=1, keepdims=True)
row_maxima: Callable[[Array], Array] = partial(
    np.maximum.reduce, axis=1, keepdims=True, initial=0.0
)


@dataclass(frozen=True, kw_only=True)
class Arithmetic:
    """What limits the arithmetic of ``dialect``: unit roundoff and range, and how it sums.

    ``unit`` is the ``roundoff`` with the oracle's error.
    """

    dialect: Dialect
    roundoff: float
    unit: float
    any_order: bool
    updating: bool
    tiny: float
    largest: float

    @property
    def is_coarse(self) -> bool:
        """Whether what stays as it is may pass through another format than its own."""
        if self.dialect.arithmetic == "data":
            return self.roundoff > format_of("float32").unit
        return self.dialect.arithmetic != "wide"

    def lost(self, terms: Array, magnitude: Array) -> Array:
        """Return what the sums of rows (C, n) lose, (C, 1), whose magnitudes add up to that."""
        if self.any_order:
            return loss_in_any_order(terms, self.roundoff)
        return self.unit * magnitude

    def flushed(self, weight: Array, denominator: Array, values: Array) -> Array:
        """Return what is lost if weight / denominator, (C, 1), is flushed before it multiplies.

        Below the smallest normal number it may be, and all of the products is lost with it.
        """
        below = (weight > 0.0) & (weight / denominator < self.tiny)
        if not below.any():  # nearly always, and it spares a pass
            return np.zeros_like(weight)
        return np.where(below, weight * (values / denominator), 0.0)

    def lost_of_multiple(self, terms: Array, factor: Array) -> Array:
        """Return what sums in any order lose if terms are multiplied before, and sums divided."""
        lost = loss_in_any_order(terms * factor, self.roundoff) / factor
        return np.where(factor > 0.0, lost, 0.0)


@dataclass(frozen=True, kw_only=True)
class Errors:
    """Bounds of the intermediate results, a channel a row.

    ``xh`` of the normalised data and ``batch_mean``, ``batch_var`` of the batch's moments are
    absolute, ``inverse`` of 1 / denominator is relative.
    """

    xh: Array
    inverse: Array
    batch_mean: Array | None
    batch_var: Array | None


def unless_beyond(total: Array, bound: Array, limits: Arithmetic) -> Array:
    """Return `bound`, infinite where the sum of magnitudes `total`, or a result, overflows."""
    return np.where(total > limits.largest, np.inf, bound)
