"""What looks wrong and is not: a computation by hand leads to the same results."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case
from bnparity.judging.due import expected
from bnparity.judging.verdicts import Check, judge
from bnparity_reference import Dialect, Exact, batch_norm
from numpy.typing import NDArray
from right import RIGHT
from right.sums import serial

Array = NDArray[Any]
TORCH = declaration("torch").dialect


def test_raw_products_summed_serially_are_no_fault_in_inference() -> None:
    """sum(g x) - mean sum(g), divided by the denominator, loses more than the sum of g xh."""
    case = Case(shape=(3000, 2), training=False, recipe=Recipe(conditioning=2))
    inputs, exact = make_inputs(case), expected(case, make_inputs(case), TORCH)
    assert inputs.grad_output is not None
    assert inputs.running_mean is not None
    assert inputs.running_var is not None
    products = serial(np.ascontiguousarray((inputs.grad_output * inputs.x).T))
    moved = inputs.running_mean[:, None] * serial(np.ascontiguousarray(inputs.grad_output.T))
    scale = np.sqrt(inputs.running_var + np.float32(case.eps))
    got = (products - moved)[:, 0] / scale
    (found,) = judge({"grad_weight": got}, exact, dialect=TORCH)
    assert found.verdict != "fail"


def test_sum_of_gradients_without_their_projection_is_no_fault() -> None:
    """Differentiated step by step, gradients of few bits are summed as terms of many."""
    n, rng = 4097, np.random.default_rng(5)
    x: Any = rng.permutation(np.append(np.tile([1, -1], n // 2), 0)).astype(np.float32)[
        :, np.newaxis
    ]
    given: dict[str, Any] = {
        **dict.fromkeys(("weight", "running_var"), np.ones(1, np.float32)),
        **dict.fromkeys(("bias", "running_mean"), np.zeros(1, np.float32)),
    }
    settings: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 4.0 - (n - 1) / n}
    grad: Any = rng.integers(0, 3, x.shape).astype(np.float32)
    got = RIGHT["multiplied_gradient"](x, **given, **settings, grad_output=grad)["grad_input"]
    exact = batch_norm(x, **given, **settings, dialect=TORCH, grad_output=grad)
    assert got is not None
    (found,) = judge({"grad_input": got}, exact, dialect=TORCH)
    assert found.verdict != "fail"


def single(value: float) -> Array:
    """Return an array of one number."""
    return np.array([value], np.float32)


def with_infinite_old(share: float) -> Exact:
    """Return the oracle's answer where both old averages are infinite, for a share of the new."""
    x = np.random.default_rng(0).standard_normal((9, 1))
    infinite = np.array([np.inf])
    return batch_norm(
        x,
        running_mean=infinite,
        running_var=infinite,
        dialect=Dialect(),
        training=True,
        momentum=share,
        eps=1e-5,
    )


def judged(exact: Exact, mean: float, var: float) -> dict[str, str]:
    """Return the verdicts on two running statistics."""
    got = {"running_mean": single(mean), "running_var": single(var)}
    return {check.output: check.verdict for check in judge(got, exact, dialect=Dialect())}


@pytest.mark.parametrize(
    ("factor", "verdict"), [(np.nan, "pass"), (1.0, "pass"), (1.1, "fail"), (np.inf, "fail")]
)
def test_infinity_without_a_share_may_be_left_out(factor: float, verdict: str) -> None:
    """0 times infinity is NaN; the batch's own value is as right, and nothing else is."""
    exact = with_infinite_old(share=1.0)
    assert exact.update is not None
    assert exact.update.batch is not None
    mean, var = (float(a[0, 0]) * factor for a in vars(exact.update.batch).values())
    assert set(judged(exact, mean, var).values()) == {verdict}


def test_infinity_with_a_share_stays() -> None:
    """Half of infinity is infinite."""
    assert set(judged(with_infinite_old(share=0.5), np.inf, np.inf).values()) == {"pass"}
    assert set(judged(with_infinite_old(share=0.5), 1.0, 1.0).values()) == {"fail"}


def single_value(got: float, dialect: Dialect) -> list[str]:
    """Return the verdicts on a running variance after training on one value."""
    exact = batch_norm(
        np.ones((1, 1)),
        running_mean=np.zeros(1),
        running_var=np.ones(1),
        dialect=dialect,
        training=True,
        momentum=0.1,
        eps=1e-5,
    )
    return [check.verdict for check in judge({"running_var": single(got)}, exact, dialect=dialect)]


def test_variance_of_one_value_is_free_where_the_call_may_be_refused() -> None:
    """Who answers although the dialect refuses has no definition to be held to."""
    assert single_value(0.9, TORCH) == []
    assert single_value(0.9, Dialect(single_value="computed")) == ["fail"]
    assert single_value(np.nan, Dialect(single_value="computed")) == ["pass"]


def fault_of(backend: Any, **case: Any) -> str:
    """Return the kind of the fault on a case, if there is one."""
    about = {"shape": (3, 2), "momentum": 0.1, **case}
    fault = run_case(in_process(backend), Case(**about), TORCH).fault
    return "" if fault is None else fault.kind


def raising(*_: Any, **__: Any) -> Any:
    """Raise, whatever is asked."""
    raise ValueError("no")


@pytest.mark.parametrize(
    ("case", "kind"),
    [
        ({"shape": (1, 2)}, "unsupported"),
        ({"shape": (1, 2), "training": False, "tracked": False}, "unsupported"),
        ({"shape": (1, 2), "training": False}, "error"),
        ({"shape": (0, 2)}, "error"),
        ({"shape": (2, 2)}, "error"),
    ],
)
def test_exception_is_excused_where_the_dialect_refuses_alone(case: Any, kind: str) -> None:
    """Torch refuses the statistics of one value: not given ones, nor a batch of none."""
    assert fault_of(raising, **case) == kind


def test_numbers_are_told_apart() -> None:
    """Got and expected have as many digits as it takes to see that they differ."""
    about: dict[str, Any] = {
        "verdict": "fail",
        "ratio": 9.0,
        "index": (0,),
        "bound": 1e-17,
        "ulp": 9.0,
    }
    near = Check(output="output", got=0.1, expected=0.1 + 2.0**-52, **about)
    far = Check(output="output", got=0.1, expected=0.2, **about)
    assert "is 0.1, expected 0.1000000000000002" in near.told()
    assert "is 0.1, expected 0.2" in far.told()
    assert near.element()["got"] != near.element()["expected"]
