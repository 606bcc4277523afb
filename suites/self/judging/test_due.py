"""What is due of a case is worked out once, whoever asks first, and is the same for all."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import numpy as np
import pytest
from bnparity.cases.case import Case, Recipe, Step
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging import due as due_module
from bnparity.judging.due import Due, Remembered, due_of
from bnparity.judging.verdicts import any_order_bounds, tight_bounds

TORCH, MINDSPORE = (declaration(name).dialect for name in ("torch", "mindspore"))


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Case]:
    """Return the cases of which it is worked out what is due, one after the other."""
    seen: list[Case] = []

    def counted(case: Case, *rest: Any) -> Due:
        seen.append(case)
        return due_of(case, *rest)

    monkeypatch.setattr(due_module, "due_of", counted)
    return seen


def test_what_is_due_is_worked_out_once_for_a_dialect(made: list[Case]) -> None:
    """Another dialect is another question."""
    dues, case = Remembered(), Case(shape=(3, 2))
    found = [dues(case, make_inputs(case), dialect) for dialect in (TORCH, TORCH, MINDSPORE)]
    assert made == [case, case]
    assert found[0] is found[1]
    assert np.array_equal(
        found[0].exact.output, due_of(case, make_inputs(case), TORCH).exact.output
    )


def test_tight_bounds_are_made_once_and_not_before_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who only wants to know how far off an output is pays for none."""
    made: list[str] = []

    def counted(*about: Any, **named: Any) -> Any:
        made.append(named["dtype"])
        return tight_bounds(*about, **named)

    monkeypatch.setattr(due_module, "tight_bounds", counted)
    case = Case(shape=(9, 2))
    due = due_of(case, make_inputs(case), TORCH)
    assert due.exact.output.shape == case.shape
    assert made == []
    assert due.tight is due.tight
    assert made == [case.dtype]


def test_any_order_bounds_are_made_once_and_not_before_they_are_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who updates a mean is another question, and so is another output."""
    made: list[tuple[list[str], bool]] = []

    def counted(*about: Any) -> Any:
        made.append(about[-2:])
        return any_order_bounds(*about)

    monkeypatch.setattr(due_module, "any_order_bounds", counted)
    case = Case(shape=(9, 2))
    due = due_of(case, make_inputs(case), TORCH)
    for names, updating in (
        (["output"], True),
        (["output", "grad_bias"], True),
        (["output"], False),
    ):
        right = any_order_bounds(due.exact, TORCH, case.dtype, names, updating)
        for _ in range(2):
            found = due.any_order(names, updating)
            assert list(found) == names
            assert all(np.array_equal(found[name], right[name]) for name in names)  # type: ignore[arg-type]  # there are all
    assert made == [(["output"], True), (["grad_bias"], True), (["output"], False)]


def test_those_who_ask_at_the_same_time_wait_for_the_first(made: list[Case]) -> None:
    """Eight threads make one computation."""
    dues, case, together = Remembered(), Case(shape=(64, 8)), Barrier(8)

    def ask(_: int) -> Due:
        together.wait(timeout=30)
        return dues(case, make_inputs(case), TORCH)

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert made == [case]
    assert all(due is found[0] for due in found)


def test_history_is_another_question_where_it_leaves_other_statistics(made: list[Case]) -> None:
    """They are those that the backend itself has returned."""
    dues, case = Remembered(), Case(history=(Step(training=True, batch=4),))
    one = make_inputs(case)
    other = replace(one, running_mean=np.full_like(one.running_mean, 3.0))
    found = [dues(case, inputs, TORCH) for inputs in (one, other, one)]
    assert made == [case, case]
    assert found[0] is found[2]
    assert found[1].exact.update is not None
    assert np.all(found[1].exact.update.old_mean == 3.0)


def test_no_more_is_remembered_than_there_is_room_for(made: list[Case]) -> None:
    """The oldest go first."""
    dues = Remembered(most=20)
    cases = [Case(shape=(3, 3), recipe=Recipe(seed=seed)) for seed in range(3)]
    for case in (*cases, cases[2], cases[0]):
        dues(case, make_inputs(case), TORCH)
    assert made == [*cases, cases[0]]


def test_error_is_told_to_all(made: list[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waits for what could not be worked out does not wait for ever."""

    def broken(*_: Any) -> Due:
        raise MemoryError("no room")

    monkeypatch.setattr(due_module, "due_of", broken)
    dues, case = Remembered(), Case()
    for _ in range(2):
        with pytest.raises(MemoryError):
            dues(case, make_inputs(case), TORCH)
    assert made == []
