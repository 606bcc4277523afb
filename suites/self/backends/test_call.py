"""What a call makes of strides that a backend does not take, and of a state that it keeps."""

from typing import Any

import torch
from bnparity.backends.call import Settings, call, in_process
from bnparity.backends.states import States
from bnparity.cases.case import Case, Layout, Step
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case
from bnparity.kernels.numpy_kernel import batch_norm

SETTINGS = Settings(training=True, momentum=0.1, eps=1e-5)


def reply_to(backend: Any, layout: Layout) -> Any:
    """Return the reply of a backend to data in a layout."""
    return call(backend, vars(make_inputs(Case(shape=(4, 3, 5), layout=layout))), SETTINGS)


def from_numpy(x: Any, *_: Any, **__: Any) -> dict[str, Any]:
    """Return the data by way of a tensor, which has no negative strides."""
    return {"output": torch.from_numpy(x).numpy()}


def test_refusal_of_negative_strides_is_no_error() -> None:
    """Who raises for them alone does not support them; every other layout is answered."""
    fault = reply_to(from_numpy, "reversed").fault
    assert (fault.kind, "negative strides alone" in fault.text) == ("unsupported", True)
    assert reply_to(from_numpy, "transposed").fault is None


def test_refusal_of_other_strides_is_an_error() -> None:
    """Data of any strides are the contract, unless the backend says otherwise."""

    def picky(x: Any, *_: Any, **__: Any) -> dict[str, Any]:
        if not x.flags.c_contiguous:
            raise ValueError("expected contiguous data")
        return {"output": x}

    assert reply_to(picky, "transposed").fault.kind == "error"
    picky.layouts = ("contiguous",)  # type: ignore[attr-defined]  # as authors write it
    assert reply_to(picky, "transposed").fault is None
    assert reply_to(picky, "reversed").fault is None


def test_copies_of_data_are_not_to_be_written_to_either() -> None:
    """A write to an input is found where the input is a copy."""

    def writing(x: Any, *_: Any, **__: Any) -> dict[str, Any]:
        x += 1
        return {"output": x}

    writing.layouts = ("contiguous",)  # type: ignore[attr-defined]  # as authors write it
    assert reply_to(writing, "transposed").fault.kind == "mutation"


def counting(*arrays: Any, state: Any = None, **settings: Any) -> dict[str, Any]:
    """Return a right answer until the third call of one history."""
    count = 1 if state is None else state + 1
    results: dict[str, Any] = dict(batch_norm(*arrays, **settings))
    return {**results, "output": results["output"] + (count > 2), "state": count}


def test_state_is_handed_on_in_a_history_and_not_beyond() -> None:
    """The third call of a history has the state of the second; the first of each has none."""
    ask, dialect = in_process(counting), declaration("torch").dialect
    steps = (Step(training=True, batch=4), Step(training=False, batch=3))
    long = Case(shape=(4, 3, 5), history=steps)
    for case, failed in ((Case(shape=(4, 3, 5)), False), (long, True), (Case(), False)):
        assert ("output" in run_case(ask, case, dialect).failed) is failed


def test_second_of_two_equal_calls_has_the_same_state() -> None:
    """A backend with a state is as deterministic as one without."""
    history = (Step(training=True, batch=4),)
    case = Case(shape=(4, 3, 5), history=history, calls=2)
    found = run_case(in_process(counting), case, declaration("torch").dialect)
    assert (found.fault, found.failed) == (None, ())


def test_state_that_is_gone_with_its_process_is_none() -> None:
    """A process that was started again hands what a first call is handed."""
    states = States()
    assert states.given(counting, 5) == {"state": None}
    assert States().given(batch_norm, 0) == {}
