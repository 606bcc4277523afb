"""What one case asks beyond one call: a second one, those before it, and threads."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import Settings, call, in_process
from bnparity.cases.case import Case, Recipe, Step
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import CaseResult, run_case
from numpy.typing import NDArray
from planted.kernel import kernel

Results = dict[str, Any]

TORCH = declaration("torch").dialect
TRAINED = Step(training=True, batch=4)
INFERRED = Step(training=False, batch=7)


def result_of(backend: Callable[..., Any], **case: Any) -> CaseResult:
    """Return the case result of a backend on a small case."""
    return run_case(in_process(backend), Case(**{"shape": (3, 2), **case}), TORCH)


def changing(name: str, calls: int = 2) -> Callable[..., Results]:
    """Return a right kernel but for one bit of one output, in every call after `calls` - 1."""
    count = 0

    def batch_norm(*args: Any, **kwargs: Any) -> Results:
        nonlocal count
        count += 1
        results: Results = dict(kernel()(*args, **kwargs))
        if count >= calls:
            results[name] = np.nextafter(results[name], np.float32(np.inf))
        return results

    return batch_norm


@pytest.mark.parametrize("name", ["output", "running_var", "grad_weight"])
def test_two_calls_that_differ_in_a_bit_are_a_fault(name: str) -> None:
    """The fault names the output, and nothing is judged."""
    case_result = result_of(changing(name), calls=2)
    assert case_result.fault is not None
    assert case_result.fault.kind == "nondeterminism"
    assert case_result.fault.text.startswith(f"{name} ")
    assert case_result.checks == ()


def test_one_call_is_not_compared_with_the_next() -> None:
    """Without `repeated` there is one call, and no fault."""
    assert result_of(changing("output")).fault is None


def test_repeated_calls_of_a_right_kernel_are_judged() -> None:
    """Two equal replies are as good as one."""
    case_result = result_of(kernel(), calls=2)
    assert case_result.fault is None
    assert {check.output for check in case_result.checks} == set(case_result.asked)


def test_one_nan_is_as_good_as_another() -> None:
    """Sign and payload of a NaN mean nothing."""
    made = iter([np.float32(np.nan), -np.float32(np.nan)])

    def batch_norm(x: NDArray[Any], *args: Any, **kwargs: Any) -> Results:
        return {"output": np.full_like(x, next(made))}

    assert result_of(batch_norm, calls=2).fault is None


def test_negative_zero_is_not_zero() -> None:
    """They compare equal, and are not the same bits."""
    made = iter([np.float32(0), -np.float32(0)])

    def batch_norm(x: NDArray[Any], *args: Any, **kwargs: Any) -> Results:
        return {"output": np.full_like(x, next(made))}

    fault = result_of(batch_norm, calls=2).fault
    assert fault is not None
    assert fault.kind == "nondeterminism"


def test_output_of_one_call_only_is_a_fault() -> None:
    """What is provided is provided every time."""
    made: Iterator[Results] = iter([{}, {"output": np.zeros((3, 2), np.float32)}])
    fault = result_of(lambda *_, **__: next(made), calls=2).fault
    assert fault is not None
    assert fault.kind == "nondeterminism"


def test_fault_of_the_second_call_is_told_as_it_is() -> None:
    """An exception is more than a difference."""
    made: Iterator[Results] = iter([{}])
    fault = result_of(lambda *_, **__: next(made), calls=2).fault
    assert fault is not None
    assert (fault.kind, fault.text) == ("error", "StopIteration")


def forgetful() -> Callable[..., Results]:
    """Return a kernel that infers with the statistics it has learnt itself, if it has any."""
    learnt: list[Any] = []

    def batch_norm(*args: Any, **kwargs: Any) -> Results:
        x, weight, bias, mean, var = args
        if learnt and not kwargs["training"]:
            mean, var = learnt[0] * np.float32(1.5), learnt[1]
        results: Results = dict(kernel()(x, weight, bias, mean, var, **kwargs))
        if kwargs["training"]:
            learnt[:] = [results["running_mean"], results["running_var"]]
        else:
            results |= {"running_mean": args[3].copy(), "running_var": args[4].copy()}
        return results

    return batch_norm


def test_state_that_a_backend_keeps_shows_after_a_history() -> None:
    """One call of a fresh process is right; after a step of training it is wrong."""
    assert result_of(forgetful(), training=False).failed == ()
    assert "output" in result_of(forgetful(), training=False, history=(TRAINED,)).failed


@pytest.mark.parametrize("training", [True, False])
def test_right_kernel_passes_after_a_history(training: bool) -> None:
    """The oracle starts from the statistics that the backend had got to."""
    case_result = result_of(kernel(), training=training, history=(TRAINED, INFERRED, TRAINED))
    assert case_result.failed == ()
    assert len(case_result.checks) == 6


def test_each_call_gets_the_statistics_that_the_one_before_returned() -> None:
    """As a user's loop hands them on; the judged call's are in the case result."""
    means: list[Any] = []
    returned: list[Any] = []

    def batch_norm(*args: Any, **kwargs: Any) -> Results:
        results: Results = dict(kernel()(*args, **kwargs))
        means.append(args[3])
        returned.append(results["running_mean"])
        return results

    case_result = result_of(batch_norm, history=(TRAINED, INFERRED))
    assert means[1].tobytes() == returned[0].tobytes()
    assert means[2].tobytes() == returned[1].tobytes()
    assert means[0].tobytes() != means[2].tobytes()
    assert case_result.inputs.running_mean is not None
    assert np.shares_memory(case_result.inputs.running_mean, means[2])


def test_calls_of_a_history_are_what_its_steps_say() -> None:
    """Modes and batches are the steps', the parameters are the case's, the data are others."""
    seen: list[tuple[bool, Any, Any]] = []

    def batch_norm(*args: Any, **kwargs: Any) -> Results:
        seen.append((kwargs["training"], args[0], args[1]))
        return dict(kernel()(*args, **kwargs))

    result_of(batch_norm, shape=(4, 2), training=False, history=(TRAINED, INFERRED, TRAINED))
    assert [training for training, _, _ in seen] == [True, False, True, False]
    assert [x.shape for _, x, _ in seen] == [(4, 2), (7, 2), (4, 2), (4, 2)]
    assert len({x.tobytes() for _, x, _ in seen}) == 4
    assert len({weight.tobytes() for _, _, weight in seen}) == 1


@pytest.mark.parametrize("wrong", ["raises", "leaves out"])
def test_step_without_statistics_leaves_those_before_it(wrong: str) -> None:
    """A step that fails is judged where it comes last; here the next call goes on."""
    calls = 0

    def batch_norm(*args: Any, **kwargs: Any) -> Results:
        nonlocal calls
        calls += 1
        if calls == 1 and wrong == "raises":
            raise ValueError
        results: Results = dict(kernel()(*args, **kwargs))
        return {"output": results["output"]} if calls == 1 else results

    case_result = result_of(batch_norm, history=(TRAINED,))
    initial = make_inputs(Case(shape=(3, 2))).running_mean
    assert case_result.failed == ()
    assert len(case_result.checks) == 6
    assert initial is not None
    assert case_result.inputs.running_mean is not None
    assert np.array_equal(case_result.inputs.running_mean, initial)


class Threaded:
    """A backend that can be told a number of threads, and notes what it was told."""

    def __init__(self) -> None:
        self.count = 5
        self.seen: list[int] = []

    def set_threads(self, count: int) -> int:
        """Take a number of threads and return the one before."""
        before, self.count = self.count, count
        return before

    def __call__(self, *args: Any, **kwargs: Any) -> Results:
        """Compute what the textbook says."""
        self.seen.append(self.count)
        return dict(kernel()(*args, **kwargs))


@pytest.mark.parametrize(("threads", "during"), [(None, 5), (1, 1), (2, 2)])
def test_threads_are_set_for_the_call_and_put_back(threads: int | None, during: int) -> None:
    """None leaves them alone; afterwards they are what they were."""
    backend = Threaded()
    assert result_of(backend, threads=threads).failed == ()
    assert backend.seen == [during]
    assert backend.count == 5


def test_threads_are_put_back_after_an_exception() -> None:
    """The next case does not inherit them."""
    backend = Threaded()
    x = np.ones((2, 2), np.float32)
    settings = Settings(training=True, momentum="not a number", eps=1e-5, threads=2)  # type: ignore[arg-type]  # so that it raises
    reply = call(backend, {**vars(make_inputs(Case())), "x": x}, settings)
    assert reply.fault is not None
    assert backend.count == 5


def test_threads_are_no_concern_of_a_backend_that_has_none() -> None:
    """A plain function is called as ever."""
    assert result_of(kernel(), threads=2).failed == ()


def test_exception_of_set_threads_is_the_backends_own() -> None:
    """Nothing that it raises gets out."""

    def refuse(count: int) -> int:
        raise RuntimeError("not now")

    backend = kernel()
    backend.__dict__["set_threads"] = refuse
    fault = result_of(backend, threads=2).fault
    assert fault is not None
    assert (fault.kind, fault.text) == ("error", "RuntimeError: not now")


@pytest.mark.parametrize("values", ["nan", "infinite"])
def test_what_is_not_finite_stays_in_its_channel(values: Any) -> None:
    """The second channel of the oracle's answer is that of ordinary data."""
    case = Case(shape=(4, 2), recipe=Recipe(values=values))
    case_result = run_case(in_process(kernel()), case, TORCH)
    assert not np.isfinite(case_result.outputs["output"][:, 0]).any()
    assert np.isfinite(case_result.outputs["output"][:, 1]).all()
