"""The gradients of a loss by the new running statistics, where it depends on them."""

from typing import Any

import numpy as np

from bnparity.backends import BY_STATISTICS, Array
from bnparity.cases.case import Case

#: One case in about so many, of those in which a loss can depend on running statistics.
_ONE_IN = 3
#: The largest factor; a product with it is a number of every format.
_MOST = 1e4


def statistics_gradients_asked(case: Case) -> bool:
    """Return whether a case that has none is asked with such gradients. Its seed decides."""
    turn = (case.recipe.seed >> 9) % _ONE_IN
    return case.gradient and case.tracked and turn == _ONE_IN - 1  # what is shrunk has none


def gradients_by_statistics(case: Case, scale: Array, dtype: Any) -> dict[str, Array]:
    """Return the gradients of a case by their names; nothing if it has none.

    They are so large that what they add shows beside what comes through the output, where the data
    of each channel have a `scale`.
    """
    if not case.statistics_gradients:
        return {}
    rng = np.random.Generator(np.random.PCG64((case.recipe.seed, 2)))
    noise, n = rng.standard_normal((2, case.shape[1])), max(case.values_per_channel, 1)
    with np.errstate(over="ignore", divide="ignore", under="ignore"):
        factors = [np.clip(n / scale**power, 1.0, _MOST) for power in (1, 2)]
    return {
        name: (row * factor).astype(dtype)
        for name, row, factor in zip(BY_STATISTICS, noise, factors, strict=True)
    }
