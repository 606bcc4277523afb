"""A search does not climb where an output is known to be loose, and climbs elsewhere."""

from dataclasses import replace

from bnparity.cases.case import Case
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import CaseResult
from bnparity.judging.verdicts import Check, Verdict
from bnparity.sessions.ground import CLIMBABLE, IN_A_PLACE, IN_ALL, Ground

SMALL = Case(shape=(4, 1))


def result(case: Case, **ratios: float) -> CaseResult:
    """Return a case result with these ratios by output; one above 4 is loose."""
    checks = tuple(check(output, ratio) for output, ratio in ratios.items())
    inputs = make_inputs(SMALL)
    return CaseResult(case=case, inputs=inputs, outputs={}, checks=checks, fault=None, asked=())


def check(output: str, ratio: float) -> Check:
    """Return a check with a ratio."""
    verdict: Verdict = "loose" if ratio > 4 else "pass"
    numbers = {"got": 1.0, "expected": 1.0, "bound": 1.0, "ulp": 1.0}
    return Check(output=output, verdict=verdict, ratio=ratio, index=(0,), **numbers)


def test_largest_ratio_is_the_height() -> None:
    """As long as nothing is known."""
    assert Ground().height(result(SMALL, output=2.0, running_var=3.0)) == 3.0


def test_large_data_are_no_place_to_climb() -> None:
    """Every step would be as large; what is loose there is noted all the same."""
    ground, large = Ground(), replace(SMALL, shape=(2, CLIMBABLE))
    assert ground.height(result(large, output=9.0)) is None
    assert ground.outputs["output"] == 1


def test_place_that_is_known_to_be_loose_is_left() -> None:
    """Another output there, and the same one in another layout or size, are news."""
    ground = Ground()
    for _ in range(IN_A_PLACE):
        assert ground.height(result(SMALL, output=9.0)) == 9.0
    assert ground.height(result(SMALL, output=9.0)) is None
    assert ground.height(result(SMALL, output=9.0, running_var=3.0)) == 3.0
    assert ground.height(result(replace(SMALL, layout="sliced"), output=9.0)) == 9.0
    assert ground.height(result(replace(SMALL, shape=(64, 1)), output=9.0)) == 9.0


def test_output_that_is_loose_everywhere_is_left() -> None:
    """However many places there are."""
    ground = Ground()
    heights = [
        ground.height(result(replace(SMALL, shape=(2**n, 1), layout=layout), output=9.0))
        for layout in ("contiguous", "sliced", "reversed")
        for n in range(1, 13)
    ]
    assert sum(height is not None for height in heights) == IN_ALL
