"""Which parts of the space of cases have been reached: finer cells than results have.

A place is a cell, one of a few classes of n, the values per channel, and one of conditioning.
"""

from collections.abc import Sequence
from math import inf
from typing import NamedTuple

from bnparity.cases import DATA_LAYOUTS, Case, Declaration, formats_with, worst_conditioning
from bnparity.results import cell_of

#: Classes of n, each up to the number beside it; the first two hold degenerate cases alone.
_UP_TO = (("0", 0), ("1", 1), ("2-3", 3), ("4-31", 31), ("32-1023", 1023), ("1024+", inf))
#: Data whose mean / standard deviation is not what the recipe says.
_SPECIAL = ("constant", "subnormal", "huge", "nan", "infinite")
#: Classes of mean / standard deviation.
CONDITIONINGS = ("centred", "moderate", "severe", "special")


class Place(NamedTuple):
    """Where in the space of cases a case lies."""

    mode: str
    dtype: str
    layout: str
    rank: int
    n: str
    conditioning: str


def place_of(case: Case) -> Place:
    """Return the place of `case`.

    Examples
    --------
    >>> place_of(Case(shape=(2, 5, 3)))[3:]
    (3, '4-31', 'centred')
    """
    n = next(name for name, most in _UP_TO if case.values_per_channel <= most)
    return Place(*cell_of(case), n=n, conditioning=_kind_of(case))


def places(
    declared: Declaration,
    *,
    dtypes: Sequence[str],
    formats: Sequence[str] = (),
    ranks: Sequence[int],
    min_values: int,
) -> int:
    """Return how many places the cases of `bnparity.cases.strategies.cases` can reach."""
    together = sum(len(formats_with(dtype, formats)) for dtype in dtypes)
    # Given statistics serve one value as well as many.
    sizes = sum(most >= min(min_values, 1) for _, most in _UP_TO)
    layouts = len(DATA_LAYOUTS)
    return len(declared.modes) * together * layouts * len(ranks) * sizes * len(CONDITIONINGS)


def _kind_of(case: Case) -> str:
    """Return the class of conditioning; severe is what costs half of the format's digits."""
    exponent = case.recipe.conditioning
    if case.recipe.values in _SPECIAL:
        return "special"
    if exponent < 0:
        return "centred"
    return "moderate" if exponent <= worst_conditioning(case.dtype) // 2 else "severe"
