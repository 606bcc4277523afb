"""Case results are looked at in the order in which they tell most, and tell the same in any."""

import math
from dataclasses import replace
from typing import Any

from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.diagnosis.conventions import measure
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.judging.due import Due, due_of
from bnparity.sessions.telling import telling_first
from hunting.evaluations import evaluation_of
from planted.kernel import kernel

TORCH = declaration("torch").dialect


def test_plain_data_in_a_fine_format_come_first() -> None:
    """NaN hides what a convention does, and a half format more than another."""
    plain = Case(shape=(3, 2), dtype="float64")
    order = (
        plain,
        replace(plain, training=False),
        replace(plain, dtype="float32"),
        replace(plain, recipe=Recipe(conditioning=3), dtype="float32"),
        replace(plain, dtype="float16"),
        replace(plain, recipe=Recipe(values="nan")),
    )
    ask = in_process(kernel())
    results = [run_case(ask, case, TORCH) for case in order]
    assert [result.case for result in telling_first(results[::-1])] == list(order)


def test_conventions_are_the_same_in_any_order_and_take_fewer_questions_in_this() -> None:
    """What rules a value out does so wherever it stands."""
    evaluation = evaluation_of(in_process(kernel()))
    evaluation.run(seed=1, examples=60, deadline=math.inf, report=lambda: None)
    best = telling_first(evaluation.evidence)
    (rows, few), (others, many) = measured(best), measured(best[::-1])
    assert rows == others
    assert few < many


def measured(evidence: list[CaseResult]) -> tuple[Any, int]:
    """Return what conventions evidence shows, and how many questions that takes."""
    asked = 0

    def dues(*question: Any) -> Due:
        nonlocal asked
        asked += 1
        return due_of(*question)

    return measure(evidence, TORCH, (), dues=dues), asked
