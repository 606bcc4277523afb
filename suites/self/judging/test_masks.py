"""A mask before the judge: right functions pass, and each wrong step is seen and named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Mask, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.diagnosis import diagnose, measure
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.judging.due import due_of
from bnparity_reference.dialect import OF_MASKS
from masking import Steps, masked
from numpy.typing import NDArray

TORCH = declaration("torch").dialect
#: One that has 0 / 0 enter running statistics.
COMPUTED = replace(TORCH, empty_batch="computed", single_value="computed")

#: Functions that are wrong in one step, and the change of dialect that they compute by.
WRONG: dict[str, tuple[Steps, tuple[str, ...]]] = {
    "inverted": (Steps(read=np.logical_not), ("mask=inverted",)),
    "ignored": (Steps(read=np.ones_like), ("mask=ignored",)),
    "all counted": (
        Steps(count=lambda kept: np.full((len(kept), 1), kept.shape[1])),
        ("masked_count=all",),
    ),
    "zero": (Steps(zero=True), ("masked_output=zero",)),
    "everywhere": (Steps(share=np.ones_like), ()),
}


def put(backend: Callable[..., Any], **case: Any) -> CaseResult:
    """Return what a backend in this process makes of a case."""
    return run_case(in_process(backend), Case(**case), TORCH)


@pytest.mark.parametrize("kind", get_args(Mask))
@pytest.mark.parametrize("training", [True, False])
def test_right_function_passes(kind: Mask, training: bool) -> None:
    """Of float32 and of float64, whatever is left out and however far the data lie from zero."""
    for dtype in (np.float32, np.float64):
        for place in range(-1, 4):
            recipe = Recipe(seed=place + 1, conditioning=place)
            case = Case(shape=(5, 3, 4), eps=1e-3, training=training, mask=kind, recipe=recipe)
            case_result = run_case(in_process(masked(Steps(), dtype)), case, COMPUTED)
            verdicts = {check.verdict for check in case_result.checks}
            assert verdicts == {"pass"}, (dtype, place, case_result.checks)
            assert "running_mean" in {check.output for check in case_result.checks}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_step_is_found_and_named(name: str) -> None:
    """The diagnosis is the convention that has it so, where there is one."""
    steps, codes = WRONG[name]
    backend = masked(steps)
    cases = [
        {"shape": (6, 2, 3), "mask": kind, "recipe": Recipe(seed=seed), "eps": 1e-3}
        for kind in ("positions", "elements")
        for seed in range(2)
    ]
    seen = [put(backend, **case) for case in cases]
    assert all(case_result.failed for case_result in seen)
    passes = [put(backend, **{**case, "mask": "none"}) for case in cases]
    assert not any(case_result.failed for case_result in passes)

    if codes:
        diagnoses = diagnose([*seen, *passes], TORCH, None)
        assert {code for diagnosis in diagnoses for code in diagnosis.codes} == set(codes)


def test_conventions_of_masks_are_measured_of_who_takes_one() -> None:
    """Each is what it is for certain, and nothing is said of them where no call has a mask."""

    def measured(steps: Steps, kinds: tuple[Mask, ...]) -> dict[str, tuple[str, bool]]:
        ask, cases = in_process(masked(steps)), [Case(shape=(6, 2, 3), mask=kind) for kind in kinds]
        seen = [run_case(ask, case, COMPUTED) for case in cases]
        rows = measure(seen, COMPUTED, diagnose(seen, COMPUTED, None))
        return {row.field: (row.value, row.certain) for row in rows if row.field in OF_MASKS}

    assert measured(Steps(), ("none", "positions", "elements", "nothing")) == {
        "mask": ("left_out", True),
        "masked_count": ("left_in", True),
        "masked_output": ("normalized", True),
    }
    inverted = measured(Steps(read=np.logical_not), ("none", "positions", "elements"))
    assert inverted["mask"] == ("inverted", True)
    assert measured(Steps(), ("none",)) == {}


@pytest.mark.parametrize("over", ["instance", "layer", "position"])
def test_statistics_of_something_else_leave_out_too(over: Any) -> None:
    """A diagnosis asks what is due where a mask and groups that are no channels meet."""
    case = Case(shape=(6, 2, 3), mask="positions", eps=1e-3)
    due = due_of(case, make_inputs(case), replace(TORCH, statistics_over=over))
    assert due.exact.regrouped is not None
    for name in ("output", "grad_input"):
        bound = due.tight[name]
        assert bound is not None
        assert bound.shape == case.shape
        assert not np.isnan(bound).any()


def test_statistics_of_nothing_are_due() -> None:
    """Where 0 / 0 is computed, NaN has to come; where they stay, the old ones to the bit."""
    case = Case(shape=(4, 2, 3), mask="empty_channel", eps=1e-3)
    ask = in_process(masked(Steps()))
    assert "running_mean" in run_case(ask, case, TORCH).failed
    assert run_case(ask, case, COMPUTED).failed == ()

    def stays(*arrays: Any, **settings: Any) -> dict[str, NDArray[Any]]:
        found = masked(Steps())(*arrays, **settings)
        for name, old in (("running_mean", arrays[3]), ("running_var", arrays[4])):
            found[name] = np.where(np.isnan(found[name]), old, found[name])
        return found

    stays.__dict__["takes_mask"] = True
    assert run_case(in_process(stays), case, TORCH).failed == ()
    assert "running_mean" in run_case(in_process(stays), case, COMPUTED).failed


def test_nan_that_is_left_out_moves_no_statistics() -> None:
    """It shows in its own output and in the gradients, and nowhere else."""
    case = Case(shape=(4, 2), mask="elements", recipe=Recipe(seed=0, values="nan"), eps=1e-3)
    case_result = run_case(in_process(masked(Steps())), case, TORCH)
    mask = case_result.inputs.mask
    assert mask is not None
    assert not mask[0, 0]
    assert case_result.failed == ()
    assert np.isfinite(case_result.outputs["running_mean"]).all()


@pytest.mark.parametrize("left_out", [np.nan, 3.0])
def test_gradient_by_what_is_left_out_may_be_nan_where_the_channel_has_one(left_out: float) -> None:
    """Differentiation may multiply it by 0. In the other channel each element is judged."""
    recipe = Recipe(seed=0, special="nan", special_in="grad_output")
    case = Case(shape=(24, 2), mask="elements", recipe=recipe, eps=1e-3)

    def other(channel: int) -> CaseResult:
        def batch_norm(*arrays: Any, **settings: Any) -> dict[str, NDArray[Any]]:
            found = masked(Steps())(*arrays, **settings)
            found["grad_input"][~settings["mask"][:, channel], channel] = left_out
            return found

        batch_norm.__dict__["takes_mask"] = True
        return run_case(in_process(batch_norm), case, TORCH)

    assert other(0).failed == ()
    assert other(1).failed == ("grad_input",)
