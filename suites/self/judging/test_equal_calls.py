"""No call remembers another, and equal calls have equal replies, however many there are."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.cases.rarities import MANY_CALLS
from bnparity.judging.case_result import CaseResult, run_case
from bnparity.judging.equal_calls import other_contents
from planted.kernel import kernel

Results = dict[str, Any]

TORCH = declaration("torch").dialect


def result_of(backend: Callable[..., Any], **case: Any) -> CaseResult:
    """Return the case result of a backend on a small case."""
    return run_case(in_process(backend), Case(**{"shape": (9, 2, 4), **case}), TORCH)


def caching(key_of: Callable[[Any], Any]) -> Callable[..., Results]:
    """Return a kernel that remembers its results by a key of the data."""
    known: dict[Any, Results] = {}

    def batch_norm(x: Any, *args: Any, **kwargs: Any) -> Results:
        return known.setdefault(key_of(x), dict(kernel()(x, *args, **kwargs)))

    return batch_norm


def wrong_at(*places: int) -> Callable[..., Results]:
    """Return a kernel whose output is far off in the calls of these numbers, from 1."""
    count = 0

    def batch_norm(*args: Any, **kwargs: Any) -> Results:
        nonlocal count
        count += 1
        results: Results = dict(kernel()(*args, **kwargs))
        if count in places:
            results["output"] = results["output"] + np.float32(1)
        return results

    return batch_norm


@pytest.mark.parametrize(
    "key_of",
    [
        lambda x: x.__array_interface__["data"][0],
        lambda x: (x.shape, x.flat[0]),
        lambda x: x.ravel()[:16].tobytes(),
    ],
    ids=["address", "first value", "first values"],
)
def test_cache_shows_in_memory_used_before(key_of: Callable[[Any], Any]) -> None:
    """Other data at the same address, or with the same beginning, are other data."""
    assert result_of(caching(key_of)).failed == ()
    assert "output" in result_of(caching(key_of), reused=True).failed


@pytest.mark.parametrize("calls", [1, MANY_CALLS])
def test_right_kernel_passes_in_memory_used_before(calls: int) -> None:
    """What is judged is the call with the contents of the case."""
    case = Case(shape=(9, 2, 4), reused=True, calls=calls, grad_layout="scalar")
    found = run_case(in_process(kernel()), case, TORCH)
    assert {check.verdict for check in found.checks} == {"pass"}
    assert found.case == case
    assert found.inputs.x.tobytes() == make_inputs(case).x.tobytes()


def test_other_contents_begin_alike_and_lie_alike() -> None:
    """Later halves differ in every argument."""
    case = Case(shape=(9, 4), layout="reversed", bias_layout="sliced")
    inputs = make_inputs(case)
    others = other_contents(case, inputs)
    for name, other in vars(others).items():
        array = getattr(inputs, name)
        half = array.size // 2
        assert other.strides == array.strides
        assert np.array_equal(other.flat[:half], array.flat[:half])
        assert not np.any(other.flat[half:] == array.flat[half:])


def test_race_is_told_with_how_often() -> None:
    """Two of many equal calls differ from the first."""
    fault = result_of(wrong_at(7, 11), calls=MANY_CALLS).fault
    assert fault is not None
    assert fault.kind == "nondeterminism"
    assert f"in {MANY_CALLS} calls with equal inputs: 2 differ from the first" in fault.text


def test_reply_that_is_wrong_once_is_told_as_that() -> None:
    """A value that is right in the next equal call is no convention; many calls show it again."""
    found = result_of(wrong_at(1))
    assert found.fault is not None
    assert found.fault.kind == "nondeterminism"
    assert found.checks == ()
    assert found.case.calls == MANY_CALLS


def test_reply_that_is_always_wrong_is_judged() -> None:
    """Another equal call has the same bits: that is a deviation, and one more call."""
    found = result_of(wrong_at(1, 2, 3))
    assert (found.fault, found.failed, found.case.calls) == (None, ("output",), 1)
