"""The numbers of a call: which eps counts, and how much of a batch is taken in."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect
from bnparity_reference.double_double import DoubleDouble
from bnparity_reference.masks import Mask, counted

Array = NDArray[np.float64]

#: Weights of the old running statistics and of the batch in the new ones, (1, 1) each.
Weights = tuple[DoubleDouble, DoubleDouble]


def eps_of(dialect: Dialect, asked: float) -> float:
    """Return the eps that takes part where `asked` is given."""
    if dialect.eps_value is not None:
        return dialect.eps_value
    eps = asked if dialect.eps == "applied" else 0.0
    return max(_held(eps, dialect), dialect.eps_floor)


#: Weights that are remembered: few momenta are asked, and each of them often.
_REMEMBERED = 256


@lru_cache(_REMEMBERED, typed=True)
def weights_of(
    dialect: Dialect, training: bool, momentum: float | None, batches_tracked: int
) -> Weights | None:
    """Return the weights of what was and of this batch in the running statistics.

    None leaves them as they are.

    Raises
    ------
    ValueError
        If `momentum` is None and the dialect refuses that.
    """
    if dialect.momentum_value is not None:
        momentum = dialect.momentum_value
    if momentum is None and dialect.momentum_none == "refused":
        raise ValueError("momentum=None: this dialect has no cumulative average")
    if dialect.running_update == "never" or (dialect.running_update == "training" and not training):
        return None
    share = _share(dialect, momentum, batches_tracked)
    kept = _one() - share
    added = _one() if dialect.running_average == "summed" else share
    if dialect.updates_per_call == "2":
        added = added + kept * added
        kept = kept * kept
    return kept, added


def leaves_averages(dialect: Dialect, rows: Array, source: str) -> bool:
    """Return whether running statistics stay as they are for the sake of `rows` (C, n)."""
    passed = dialect.single_value == "passed_through" and source == "batch"
    return (rows.size == 0 and dialect.empty_batch == "unchanged") or (
        rows.shape[1] == 1 and passed
    )


def _share(dialect: Dialect, momentum: float | None, batches_tracked: int) -> DoubleDouble:
    """Return the weight of one batch."""
    one = _one()
    if momentum is None:
        return one.over(batches_tracked + 1)
    if dialect.running_average == "first_batch" and batches_tracked == 0:
        return one
    given = DoubleDouble(np.array([[_held(momentum, dialect)]]))
    share = given if dialect.momentum == "new" else one - given
    if dialect.running_average != "debiased" or share.rounded() == 0.0:
        return share
    kept = one
    for _ in range(batches_tracked + 1):
        kept = kept * (one - share)
    return share / (one - kept)


def _held(number: float, dialect: Dialect) -> float:
    """Return `number` in the format in which the dialect holds its scalars."""
    return float(np.float32(number)) if dialect.scalar_format == "float32" else number


def _one() -> DoubleDouble:
    return DoubleDouble(np.ones((1, 1)))


def applied_weight(dialect: Dialect, given: Array | None) -> Array | None:
    """Return the weight that is applied, if one is."""
    if given is None or dialect.weight == "ignored":
        return None
    return np.abs(given) if dialect.weight == "absolute" else given


def parameters_divided_by(dialect: Dialect, n: int, images: int) -> int:
    """Return what sums over `n` values in `images` are divided by, by weight and bias; 1 of none.

    Examples
    --------
    >>> parameters_divided_by(Dialect(parameter_gradients="averaged"), 12, 3)
    12
    """
    divisors = {"summed": 1, "averaged": n, "averaged_over_images": images}
    return max(divisors[dialect.parameter_gradients], 1)


def counted_by(dialect: Dialect, images: int, rows: Array, mask: Mask | None = None) -> int | Array:
    """Return what an unbiased estimator counts, for `rows` (C, n) that hold `images`.

    Of values a `mask` leaves some in, (C, 1) of them.
    """
    n = rows.shape[1]
    if mask is not None and dialect.bessel_count == "values" and dialect.masked_count != "all":
        return counted(mask)
    counts = {
        "values": n,
        "images": images,
        "planes": n // max(images, 1),
        "elements": rows.size,
    }
    return int(counts[dialect.bessel_count])
