"""A search climbs towards large ratios, and shrinks what fails.

The backend is a hill: its ratio falls with the distance of three exponents from those at its top.
"""

import math
from dataclasses import replace
from itertools import islice

from bnparity.cases.case import Case, Recipe
from bnparity.cases.inputs import make_inputs
from bnparity.cases.space import Space
from bnparity.judging.case_result import CaseResult, Failure
from bnparity.judging.verdicts import TIGHT, Check
from bnparity.sessions.search import Picks, climb, explore, shrunk

#: The exponents end here.
LARGEST = 10_000
#: Nowhere that is drawn for its own sake, as zero and both ends are.
TOP = [round(LARGEST * math.modf(math.sqrt(n))[0]) for n in (2, 3, 7)]

#: Where the hill lies. Drawn blindly, three exponents are seldom right at once.
SLOPES = Space(
    menus=(range(LARGEST + 1),) * 3,
    made=lambda scale, conditioning, spread: Case(
        recipe=Recipe(scale=scale, conditioning=conditioning, spread=spread)
    ),
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


def height(case: Case) -> float:
    """Return the ratio of a case."""
    return put(case).checks[0].ratio


def climbed(seed: int) -> list[Case]:
    """Return 200 cases, the second half of which climbs from the best of the first."""
    drawn = list(islice(SLOPES.drawn(seed), 100))
    seen = [case for _, case in drawn]

    def visit(_: Picks, case: Case) -> float:
        seen.append(case)
        return height(case)

    best = max(drawn, key=lambda found: height(found[1]))[0]
    climb(SLOPES, best, visit, seed=seed, examples=100)
    return seen


def test_climbing_reaches_larger_ratios() -> None:
    """As many cases come much closer to the top if half of them are near the best.

    On average over seeds: one of them alone may be lucky, or not.
    """
    blindly = [[case for _, case in islice(SLOPES.drawn(seed), 200)] for seed in range(20)]
    near, far = (
        sum(TIGHT - max(map(height, seen)) for seen in all_)
        for all_ in (map(climbed, range(20)), blindly)
    )
    assert near < 0.7 * far


def test_climb_begins_where_it_is_told() -> None:
    """The best case so far is its first, and it asks no more than it may."""
    first: list[Picks] = []

    def visit(picks: Picks, case: Case) -> float:
        first.append(picks)
        return height(case)

    climb(SLOPES, (5000, 20, 9999), visit, seed=0, examples=7)
    assert first[0] == (5000, 20, 9999)
    assert len(first) == 7


def test_climb_in_a_grouped_space_stays_in_one_program() -> None:
    """What is compiled in is that of its beginning."""
    space = replace(SLOPES, program=[0], grouped=True)
    seen: list[Picks] = []

    def visit(picks: Picks, case: Case) -> float:
        seen.append(picks)
        return height(case)

    climb(space, (5000, 20, 9999), visit, seed=0, examples=30)
    assert {picks[0] for picks in seen} == {5000}
    assert len({picks[1:] for picks in seen}) > 10


def test_exploring_ends_with_a_climb_from_the_highest() -> None:
    """Four fifths are drawn; what follows is near the best of them, and there are no more."""
    seen: list[Case] = []

    def visit(_: Picks, case: Case) -> float:
        seen.append(case)
        return height(case)

    explore(SLOPES, visit, seed=4, examples=100, over=lambda: False)
    drawn = [case for _, case in islice(SLOPES.drawn(4), 80)]
    assert seen[:80] == drawn
    assert seen[80] == max(drawn, key=height)
    assert len(seen) == 100


def test_exploring_ends_when_it_is_over() -> None:
    """No case is visited after that."""
    seen: list[Case] = []

    def visit(_: Picks, case: Case) -> None:
        seen.append(case)

    explore(SLOPES, visit, seed=0, examples=100, over=lambda: len(seen) >= 3)
    assert len(seen) == 3


def test_climb_keeps_to_the_cases_that_fit() -> None:
    """A neighbour that a backend does not take is not asked."""
    low = SLOPES.within(lambda case: case.recipe.scale < 5100, lambda case: case)
    seen: list[int] = []

    def visit(_: Picks, case: Case) -> float:
        seen.append(case.recipe.scale)
        return height(case)

    climb(low, (5000, 20, 9999), visit, seed=0, examples=50)
    assert max(seen) < 5100


def test_same_seed_climbs_over_the_same_cases() -> None:
    """A search can be made again."""
    assert climbed(3) == climbed(3)


def shrunk_beyond(gate: float) -> Failure:
    """Return the smallest case found near the top whose ratio is beyond `gate`."""
    start = tuple(TOP)
    failure = Failure(symptom="output", case_result=put(SLOPES.case(start), gate))
    return shrunk(SLOPES, start, failure, lambda case: put(case, gate))


def test_failing_case_is_shrunk() -> None:
    """The smallest case found still fails, and lies just beyond the gate."""
    failure = shrunk_beyond(TIGHT / 4)
    assert failure.symptom == "output"
    (check,) = failure.case_result.checks
    assert check.verdict == "fail"
    assert check.ratio < 1.1 * TIGHT / 4


def test_shrinking_ends_after_as_many_cases_as_it_may_ask() -> None:
    """However slow the machine, the same case comes out."""
    asked: list[Case] = []

    def counted(case: Case) -> CaseResult:
        asked.append(case)
        return put(case, TIGHT / 4)

    failure = Failure(symptom="output", case_result=put(SLOPES.case(tuple(TOP)), TIGHT / 4))
    shrunk(SLOPES, tuple(TOP), failure, counted, shrinks=9)
    assert len(asked) == 9
