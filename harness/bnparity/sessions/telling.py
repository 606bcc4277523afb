"""The order in which case results are looked at to measure conventions: the most telling first.

One is enough to rule a value out, and each look asks the oracle. What is found does not depend on
the order.
"""

from collections.abc import Iterable

from bnparity.backends import format_of
from bnparity.judging import CaseResult

#: Data in which some conventions do not show: at an end of the range, alike, or round numbers.
_ODD = frozenset({"nan", "infinite", "subnormal", "huge", "constant", "exact"})


def telling_first(evidence: Iterable[CaseResult]) -> list[CaseResult]:
    """Return case results, those first in which a wrong value of any convention shows."""
    return sorted(evidence, key=_hides)


def _hides(case_result: CaseResult) -> tuple[bool, float, bool, int]:
    """Return what hides conventions in a case, the worst first: small numbers tell most."""
    case, recipe = case_result.case, case_result.case.recipe
    odd = recipe.values in _ODD or recipe.special != "none"
    moves = case.training and case.tracked and case.gradient and case.momentum not in (0, None)
    return odd, format_of(case.dtype).unit, not moves, recipe.conditioning
