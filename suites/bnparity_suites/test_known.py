"""What sessions have found in real frameworks, each kept as its smallest case.

A test here fails when its framework is mended: then it says so, and goes.
"""

import pytest
from bnparity.backends import Opened
from bnparity.cases import Case, Layout, Recipe, declaration
from bnparity.judging import run_case

from bnparity_suites.deviations import GRADIENTS


@pytest.mark.bn_about("mindspore")
def test_mindspore_fills_statistics_of_an_empty_batch_from_old_memory(
    bn_opened: dict[str, Opened],
) -> None:
    """After training on no values the running mean holds neither 0 / 0 nor what it held."""
    backend = bn_opened["mindspore"]
    if backend.ask is None:
        pytest.skip(backend.reason)
    dialect = declaration("mindspore").dialect
    for seed in range(2):  # another batch before, other memory to find
        before = Case(shape=(2, 1), recipe=Recipe(seed=seed))
        run_case(backend.ask, before, dialect)
        empty = run_case(backend.ask, Case(shape=(0, 1), momentum=0.5), dialect)
        assert "running_mean" in empty.failed
        assert empty.inputs.running_mean is not None
        assert (empty.outputs["running_mean"] != empty.inputs.running_mean).all()


@pytest.mark.bn_about("mindspore")
def test_mindspore_never_moves_statistics_in_half(bn_opened: dict[str, Opened]) -> None:
    """With parameters in float16 training leaves the running statistics; in float32 it does not."""
    backend = bn_opened["mindspore"]
    if backend.ask is None:
        pytest.skip(backend.reason)
    dialect = declaration("mindspore").dialect
    for param_dtype, moves in (("float16", False), ("float32", True)):
        case = Case(shape=(8, 2), dtype="float16", param_dtype=param_dtype, momentum=0.5)
        case_result = run_case(backend.ask, case, dialect)
        before, after = case_result.inputs.running_var, case_result.outputs["running_var"]
        assert before is not None
        assert (after != before).all() == moves
        assert ("running_var" in case_result.failed) != moves


@pytest.mark.bn_about("torch")
def test_torch_keeps_what_backward_needs_in_half(bn_opened: dict[str, Opened]) -> None:
    """With parameters in float16 gradients are as coarse as halves, before they are rounded."""
    backend = bn_opened["torch"]
    if backend.ask is None:
        pytest.skip(backend.reason)
    for param_dtype, coarse in (("float16", True), ("float32", False)):
        case = Case(shape=(16, 4), dtype="float16", param_dtype=param_dtype)
        case_result = run_case(backend.ask, case, declaration("torch").dialect)
        assert ("grad_input" in case_result.failed) == coarse


@pytest.mark.bn_about("torch")
@pytest.mark.parametrize("shape", [(0, 2), (0, 2, 3), (2, 2, 0)], ids=str)
def test_torch_leaves_statistics_after_an_empty_batch(
    bn_opened: dict[str, Opened], shape: tuple[int, ...]
) -> None:
    """PyTorch's running statistics do not move when there is nothing to learn from."""
    backend = bn_opened["torch"]
    if backend.ask is None:
        pytest.skip(backend.reason)
    case_result = run_case(backend.ask, Case(shape=shape), declaration("torch").dialect)
    assert not case_result.failed
    assert {c.output for c in case_result.checks} >= {"running_mean", "running_var"}


@pytest.mark.bn_about("torch")
def test_torch_reads_gradients_in_the_order_of_the_data(bn_opened: dict[str, Opened]) -> None:
    """In memory that is channels-last only because axes of one element may have any stride.

    The gradients of an image are misread so, and of one copied into memory of its own they are not.
    """
    backend = bn_opened["torch"]
    if backend.ask is None:
        pytest.skip(backend.reason)
    cases: dict[tuple[tuple[int, ...], Layout], Layout] = {
        ((1, 2, 1, 2), "transposed"): "transposed",
        ((1, 2, 3, 4), "ambiguous"): "channels_last",
        ((1, 2, 3, 3, 3), "ambiguous"): "channels_last",
    }
    for (shape, layout), same in cases.items():
        tried: dict[tuple[Layout, Layout], bool] = {
            (layout, "contiguous"): True,
            (layout, same): False,
            ("contiguous", "contiguous"): False,
        }
        for (data_layout, grad_layout), misread in tried.items():
            case = Case(shape=shape, layout=data_layout, grad_layout=grad_layout)
            case_result = run_case(backend.ask, case, declaration("torch").dialect)
            assert case_result.failed == (GRADIENTS if misread else ()), case
