"""The local kernels beyond what the parity suites ask of every backend."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bnparity.backends.call import in_process
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.inputs import make_inputs
from bnparity.judging.case_result import run_case
from bnparity.kernels import numba_kernel, numpy_kernel

each_kernel = pytest.mark.parametrize(
    "batch_norm", [numpy_kernel.batch_norm, numba_kernel.batch_norm], ids=["numpy", "numba"]
)


def arguments(case: Case) -> dict[str, Any]:
    """Return the arguments of a call that asks `case`."""
    return {
        **vars(make_inputs(case)),
        "training": case.training,
        "momentum": case.momentum,
        "eps": case.eps,
    }


@each_kernel
def test_results_are_written_where_the_caller_wants(batch_norm: Callable[..., Any]) -> None:
    """`out` arrays hold what would have been returned, and are what is returned."""
    asked = arguments(Case(shape=(4, 3, 5)))
    want = batch_norm(**asked)
    out = {name: np.empty_like(array) for name, array in want.items()}
    got = batch_norm(**asked, out=out)
    for name, array in want.items():
        assert got[name] is out[name]
        assert np.array_equal(out[name], array)


@each_kernel
def test_out_for_what_is_not_computed_is_refused(batch_norm: Callable[..., Any]) -> None:
    """An array that would stay unwritten is a mistake of the caller's."""
    asked = arguments(Case(shape=(4, 3), gradient=False))
    with pytest.raises(ValueError, match="grad_bias"):
        batch_norm(**asked, out={"grad_bias": np.empty(3)})


@each_kernel
@pytest.mark.parametrize("missing", ["running_mean", "running_var"])
def test_half_of_the_statistics_is_none(batch_norm: Callable[..., Any], missing: str) -> None:
    """Without one of them inference takes those of the batch, as without both."""
    asked = arguments(Case(shape=(4, 3, 5), training=False)) | {missing: None}
    got = batch_norm(**asked)
    want = batch_norm(**asked | {"running_mean": None, "running_var": None})
    assert "running_mean" not in got
    assert np.array_equal(got["output"], want["output"])


@each_kernel
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_tiny_weight_of_huge_data_is_no_finding(batch_norm: Callable[..., Any], dtype: str) -> None:
    """Weight / deviation is flushed where it comes first, and the output is 0 then."""
    recipe = Recipe(values="huge", special="tiny", special_in="weight")
    case = Case(shape=(2, 1), training=False, dtype=dtype, param_dtype=dtype, recipe=recipe)
    assert run_case(in_process(batch_norm), case, declaration("torch").dialect).failed == ()


@each_kernel
def test_training_on_one_value_is_refused(batch_norm: Callable[..., Any]) -> None:
    """As in PyTorch, whose dialect the kernels follow."""
    with pytest.raises(ValueError, match="more than one value per channel"):
        batch_norm(**arguments(Case(shape=(1, 3))))


@each_kernel
@pytest.mark.parametrize("layout", ["channels_last", "sliced", "transposed", "reversed"])
def test_layout_changes_no_bit(batch_norm: Callable[..., Any], layout: Any) -> None:
    """Strides are no part of the question."""
    plain = batch_norm(**arguments(Case(shape=(4, 3, 5, 6))))
    laid = batch_norm(**arguments(Case(shape=(4, 3, 5, 6), layout=layout)))
    for name, array in plain.items():
        assert np.array_equal(array, laid[name]), name


@each_kernel
@pytest.mark.parametrize("values", ["nan", "infinite"])
def test_data_are_no_part_of_the_gradient_in_inference(
    batch_norm: Callable[..., Any], values: Any
) -> None:
    """It is grad_output, scaled: what is not finite in the data does not reach it."""
    case = Case(shape=(4, 2, 3), training=False, recipe=Recipe(values=values))
    assert np.isfinite(batch_norm(**arguments(case))["grad_input"]).all()


@each_kernel
@pytest.mark.parametrize("infinity", [np.inf, -np.inf])
def test_mean_of_an_infinity_is_infinite(batch_norm: Callable[..., Any], infinity: float) -> None:
    """What a sum has lost to rounding does not turn it into NaN; the variance is NaN."""
    asked = arguments(Case(shape=(8, 2)))
    asked["x"][3, 0] = infinity
    got = batch_norm(**asked)
    assert got["running_mean"][0] == infinity
    assert np.isnan(got["running_var"][0])
    assert np.isfinite([got["running_mean"][1], got["running_var"][1]]).all()


def test_numba_is_told_how_many_threads_to_use() -> None:
    """What was set before comes back, for the caller to put in its place again."""
    before = numba_kernel.set_threads(1)
    assert numba_kernel.set_threads(before) == 1
    assert numba_kernel.set_threads(10**6) == before
    assert numba_kernel.set_threads(before) >= before
