"""What a backend returned, held against what is due of it under another dialect."""

import math
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from bnparity_reference import Dialect
from numpy.typing import NDArray

from bnparity.judging import CaseResult, Check, Due, by_tight_line, judge


def judge_again(
    case_result: CaseResult, names: Collection[str], due: Due, candidate: Dialect
) -> Mapping[str, Check]:
    """Return the verdicts on the outputs of these names."""
    checks = judge(
        _returned(case_result, names),
        due.exact,
        limits=due.tight,
        any_order=due.any_order,
        dialect=candidate,
        dtype=case_result.case.dtype,
        updating=case_result.updating,
    )
    return {check.output: check for check in checks}


def measure_again(
    case_result: CaseResult, names: Collection[str], due: Due, candidate: Dialect
) -> Mapping[str, Check]:
    """Return what the tight line alone says of the outputs of these names."""
    returned, dtype = _returned(case_result, names), case_result.case.dtype
    found = by_tight_line(returned, due.exact, dialect=candidate, dtype=dtype, limits=due.tight)
    return found.checks


def _returned(case_result: CaseResult, names: Collection[str]) -> dict[str, NDArray[Any]]:
    return {name: a for name, a in case_result.outputs.items() if name in names}


@np.errstate(all="ignore")  # what is not finite has no distance, and is not said to be far
def largest_distance(got: NDArray[Any], due: NDArray[Any]) -> float:
    """Return how far off is what is furthest off."""
    return float(np.abs(got - due).max(initial=0.0))


def distance(got: float, exact: float) -> float:
    """Return how far `got` is from the exact value; infinitely far from another kind of number."""
    if np.isnan(got) and np.isnan(exact):
        return 0.0
    if got == exact:
        return 0.0
    error = abs(got - exact)
    return math.inf if np.isnan(error) else error
