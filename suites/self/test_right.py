"""The right kernels are right, each in the format of its data, and no two are the same."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from itertools import product
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.backends.formats import FORMATS
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case
from bnparity.judging.verdicts import TIGHT
from bnparity.sessions.telling import findings_of
from bnparity_reference import OUTPUTS
from hunting.evaluations import PROMISED, evaluated
from hunting.share import Share
from numpy.typing import NDArray
from right import RIGHT, STEPS
from right.kernel import Steps, kernel

Keep = Callable[[str, dict[str, Any]], None]

#: What a kernel for half data returns in float32, where its parameters are.
KEPT_SUMS = ("running_mean", "running_var", "grad_weight")

TORCH = declaration("torch").dialect

FAR = Case(shape=(50, 3, 20), recipe=Recipe(conditioning=3))

each_style = pytest.mark.parametrize("style", RIGHT)


def called(style: str, case: Case) -> dict[str, NDArray[Any] | None]:
    """Return what a right kernel answers to `case`."""
    settings = {"training": case.training, "momentum": case.momentum, "eps": case.eps}
    return RIGHT[style](**vars(make_inputs(case)), **settings)


@pytest.mark.parametrize("dtype", FORMATS)
@each_style
def test_right_kernel_is_left_in_peace(
    style: str, dtype: str, hunting_seed: int, share: Share, keep: Keep
) -> None:
    """No accurate algorithm crosses the gate, whatever its order of summation."""
    evaluation = evaluated(
        RIGHT[style], seed=hunting_seed, examples=share.right, dtypes=(dtype,), min_values=0
    )
    findings = findings_of(evaluation, PROMISED)
    worst = {output: figures.worst_ratio for output, figures in evaluation.totals.outputs.items()}
    row = {"style": style, "dtype": dtype, "cases": evaluation.drawn, "findings": len(findings)}
    keep("right", {**row, "worst": worst})
    assert evaluation.drawn == share.right
    assert findings == ()


#: Of other outputs in half formats little shows but the last rounding, which is no fault.
REACHED = {
    "float32": OUTPUTS,
    "float64": OUTPUTS,
    "float16": (*KEPT_SUMS, "output", "grad_bias"),
    "bfloat16": KEPT_SUMS,
}


@pytest.mark.parametrize("dtype", FORMATS)
def test_bound_is_reached(dtype: str) -> None:
    """Where no line of the bound is loose, some accurate result is off by a tenth of the gate."""
    worst = worst_where_nothing_is_loose(dtype)
    far = {name: worst[name] for name in REACHED[dtype] if worst[name] < TIGHT / 10}
    assert not far, far


def worst_where_nothing_is_loose(dtype: str) -> dict[str, float]:
    """Return the largest ratio of each output over few values near zero, of three styles."""
    worst = dict.fromkeys(OUTPUTS, 0.0)
    for style, n, seed in product(("welford", "shifted", "folded"), (2, 3, 4, 8), range(16)):
        case = Case(
            shape=(n, 64),
            dtype=dtype,
            param_dtype="float32" if dtype in FORMATS[2:] else dtype,
            momentum=1.0 if seed % 2 else 0.1,
            recipe=Recipe(seed=seed),
        )
        for check in run_case(in_process(RIGHT[style]), case, TORCH).checks:
            worst[check.output] = max(worst[check.output], check.ratio)
    return worst


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@each_style
def test_every_step_is_in_the_format_of_the_data(style: str, dtype: str) -> None:
    """Nothing is quietly computed in float64: it would show in the result of a step."""
    steps = {f.name: traced(getattr(STEPS[style], f.name), dtype) for f in fields(Steps)}
    inputs = make_inputs(Case(shape=(5, 3), dtype=dtype, param_dtype=dtype))
    kernel(style, Steps(**steps))(**vars(inputs), training=True, momentum=0.1, eps=1e-5)


def traced(step: Callable[..., Any], dtype: str) -> Callable[..., Any]:
    """Return `step`, which from now on takes and returns arrays of one format only."""

    def tracing(*arguments: Any) -> Any:
        result = step(*arguments)
        assert {array.dtype.name for array in arrays((*arguments, result))} == {dtype}
        return result

    return tracing


def arrays(values: tuple[Any, ...]) -> list[NDArray[Any]]:
    """Return the arrays among `values`, and those in the records among them."""
    unpacked = [part for v in values for part in (vars(v).values() if is_dataclass(v) else (v,))]
    return [part for part in unpacked if isinstance(part, np.ndarray)]


def test_no_two_styles_round_alike() -> None:
    """A style that returns the same bits as another tests nothing that the other does not."""
    bits = {
        b"".join(array.tobytes() for array in called(style, FAR).values() if array is not None)
        for style in RIGHT
    }
    assert len(bits) == len(RIGHT) >= 8


@each_style
def test_training_on_one_value_is_refused(style: str) -> None:
    """As in PyTorch, whose dialect they follow."""
    with pytest.raises(ValueError, match="more than one value a channel"):
        called(style, Case(shape=(1, 3)))


@each_style
def test_empty_batch_leaves_statistics_unchanged(style: str) -> None:
    """There is nothing to learn from no values."""
    empty = Case(shape=(0, 3, 4))
    results, given = called(style, empty), make_inputs(empty)
    assert np.array_equal(results["running_mean"], given.running_mean)  # type: ignore[arg-type]
    assert np.array_equal(results["running_var"], given.running_var)  # type: ignore[arg-type]
