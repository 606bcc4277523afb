"""Gradients by running statistics before the judge: a right function passes, wrong ones do not."""

from typing import Any

import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis import diagnose, measure
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.judging.vacuity import Answers, answers
from through import THROUGH, through

LETS, STOPS = declaration(THROUGH).dialect, declaration("torch").dialect


def put(backend: Any, dialect: Any, **case: Any) -> CaseResult:
    """Return what a backend in this process makes of a case."""
    asked: dict[str, Any] = {"shape": (5, 3, 4), "statistics_gradients": True, **case}
    return run_case(in_process(backend), Case(**asked), dialect)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
def test_right_function_passes(dtype: str, training: bool) -> None:
    """However far the data lie from zero, and whatever their size."""
    formats = {"dtype": dtype, "param_dtype": dtype}
    for place, scale in ((-1, 0), (0, -2), (1, 2), (2, 1)):
        recipe = Recipe(seed=place + 1, conditioning=place, scale=scale)
        seen = put(through(), LETS, training=training, recipe=recipe, **formats)
        assert {check.verdict for check in seen.checks} == {"pass"}, (place, seen.checks)


@pytest.mark.parametrize(
    ("wrong", "dialect", "codes"),
    [
        (through(0.0, 0.0), LETS, {"statistics_gradient=stopped"}),
        (through(), STOPS, {"statistics_gradient=through"}),
        (through(by_mean=0.0), LETS, set()),
        (through(by_var=0.0), LETS, set()),
    ],
    ids=["stops", "lets through", "without the mean", "without the variance"],
)
def test_wrong_step_is_found_and_named(wrong: Any, dialect: Any, codes: set[str]) -> None:
    """The diagnosis is the convention that has it so, where there is one."""
    seen = [put(wrong, dialect, recipe=Recipe(seed=seed)) for seed in range(4)]
    assert {case_result.failed for case_result in seen} == {("grad_input",)}
    plain = [
        put(wrong, dialect, recipe=Recipe(seed=seed), statistics_gradients=False)
        for seed in range(4)
    ]
    assert not any(case_result.failed for case_result in plain)
    diagnoses = diagnose([*seen, *plain], dialect, None)
    assert {code for diagnosis in diagnoses for code in diagnosis.codes} == codes


def test_convention_is_measured_of_who_takes_them() -> None:
    """Nothing is said of it where no call was about it."""
    both = [
        put(through(), LETS, recipe=Recipe(seed=seed), statistics_gradients=flag)
        for seed in range(3)
        for flag in (True, False)
    ]
    rows = {row.field: row for row in measure(both, LETS, ())}
    assert (rows["statistics_gradient"].value, rows["statistics_gradient"].certain) == (
        "through",
        True,
    )
    assert "statistics_gradient" not in {row.field for row in measure(both[1::2], LETS, ())}


def test_pass_takes_a_case_in_which_stopping_would_show() -> None:
    """One that has none does not ask the question, and an ordinary one answers it."""

    def asked(flag: bool) -> Answers:
        return answers(put(through(), LETS, statistics_gradients=flag), LETS, Answers())

    (question,) = {q for q in asked(True).raised if "running statistics" in q.text}
    assert question in asked(True).answered
    assert question not in asked(False).raised
