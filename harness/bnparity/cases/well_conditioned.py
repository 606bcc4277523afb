"""Ordinary cases: what coarse arithmetic does to them is all that is wrong with them."""

from collections.abc import Sequence

from bnparity_reference import Dialect

from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import momentum_of_batch_alone

#: How many in each format.
SEEDS = 24
#: Their numbers of values a channel: enough for sums to lose something, too few for their order to
#: matter. No width of vectors divides them all.
SIZES = (16, 11, 7, 4)


def well_conditioned_cases(like: Sequence[Case], dialect: Dialect) -> list[Case]:
    """Return well-conditioned cases in the formats of the cases in `like`, of the first one's rank.

    Their running statistics are the batch's alone: nothing else is rounded into them.

    Examples
    --------
    >>> well_conditioned_cases([Case(dtype="float64", param_dtype="float64")], Dialect())[0].shape
    (16, 3)
    """
    formats = dict.fromkeys((case.dtype, case.param_dtype, case.statistics_dtype) for case in like)
    return [
        Case(
            shape=(SIZES[seed // 2 % len(SIZES)], 3, *(1,) * (len(like[0].shape) - 2)),
            dtype=dtype,
            param_dtype=param_dtype,
            statistics_dtype=statistics_dtype,
            momentum=momentum_of_batch_alone(dialect),
            recipe=Recipe(seed=seed, conditioning=seed % 2),
        )
        for dtype, param_dtype, statistics_dtype in formats
        for seed in range(SEEDS)
    ]
