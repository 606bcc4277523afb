"""A search climbs towards large ratios, and shrinks what fails.

The backend is a hill: its ratio falls with the distance of three exponents from those at its top.
"""

import math

from bnparity.cases.case import Case, Recipe
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import CaseResult, Failure, symptoms
from bnparity.judging.verdicts import TIGHT, Check
from bnparity.sessions.search import find_failure
from hypothesis import strategies as st

#: The exponents end here.
LARGEST = 10_000
#: Nowhere that is drawn for its own sake, as zero and both ends are.
TOP = [round(LARGEST * math.modf(math.sqrt(n))[0]) for n in (2, 3, 7)]

_EXPONENTS = st.integers(0, LARGEST)
#: Where the hill lies. Drawn blindly, three exponents are seldom right at once.
SLOPES = st.builds(
    Case,
    recipe=st.builds(Recipe, scale=_EXPONENTS, conditioning=_EXPONENTS, spread=_EXPONENTS),
)

#: One for all: nobody looks at them.
INPUTS = make_inputs(Case())


def put(case: Case, gate: float = TIGHT) -> CaseResult:
    """Return a case result whose ratio is `TIGHT` at the top, and fails beyond `gate`."""
    place = (case.recipe.scale, case.recipe.conditioning, case.recipe.spread)
    ratio = TIGHT * math.exp2(-4.0 * math.dist(place, TOP) / LARGEST)
    check = Check(
        output="output",
        verdict="pass" if ratio <= gate else "fail",
        ratio=ratio,
        index=(0, 0),
        got=1.0,
        expected=1.0,
        bound=1.0,
        ulp=1.0,
    )
    return CaseResult(
        case=case, inputs=INPUTS, outputs={}, checks=(check,), fault=None, asked=("output",)
    )


def first_symptom(case_result: CaseResult) -> str | None:
    """Return what is wrong with a case result, if anything is."""
    return next(iter(symptoms(case_result)), None)


def heights(seed: int, *, climbing: bool) -> list[float]:
    """Return the ratios of 200 cases, none of which fails."""
    seen: list[float] = []

    def note(case_result: CaseResult) -> None:
        seen.append(case_result.checks[0].ratio)

    assert find_failure(SLOPES, put, note, seed=seed, examples=200, climbing=climbing) is None
    return seen


def searched(gate: float) -> Failure | None:
    """Return what a search finds of which the ratio is beyond `gate`."""
    return find_failure(SLOPES, lambda case: put(case, gate), first_symptom, seed=0, examples=200)


def test_climbing_reaches_larger_ratios() -> None:
    """As many cases come much closer to the top if half of them are drawn near the best.

    On average over seeds: one of them alone may be lucky, or not. They draw other cases when other
    modules are loaded, for Hypothesis tries the constants that it finds there.
    """
    climbed, drawn = (
        sum(TIGHT - max(heights(seed, climbing=climbing)) for seed in range(20))
        for climbing in (True, False)
    )
    assert climbed < 0.7 * drawn


def test_same_seed_draws_the_same_cases() -> None:
    """A search can be made again."""
    assert heights(3, climbing=True) == heights(3, climbing=True)


def test_failing_case_is_shrunk() -> None:
    """The smallest case found still fails, and lies just beyond the gate."""
    failure = searched(TIGHT / 4)
    assert failure is not None
    assert failure.symptom == "output"
    (check,) = failure.case_result.checks
    assert check.verdict == "fail"
    assert check.ratio < 1.1 * TIGHT / 4


def test_search_without_a_failure_finds_none() -> None:
    """No case is beyond the top."""
    assert searched(TIGHT) is None
