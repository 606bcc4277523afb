"""The Triton kernel on tensors: where results go. In the interpreter, or on a CUDA device.

Without a device these tests are run by one of `test_triton`, in a process that interprets.
"""

from typing import Any

import numpy as np
import pytest
from bnparity.cases.case import Case
from bnparity.cases.inputs import make_inputs

compiler = pytest.importorskip("triton", reason="triton is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

from bnparity.backends.tensors import array_of, tensor_of  # noqa: E402
from bnparity.kernels import triton  # noqa: E402  # skipped first
from bnparity.kernels.triton_tensors import batch_norm, interpreted, reason  # noqa: E402
from bnparity.kernels.triton_tiles import Cut, tile_of  # noqa: E402
from triton import language as tl  # noqa: E402

pytestmark = pytest.mark.skipif(bool(reason()), reason=reason())

DEVICE = "cpu" if interpreted() else "cuda"
GIVEN: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}


def tensors(case: Case) -> dict[str, Any]:
    """Return the arguments of a training step."""
    arrays = vars(make_inputs(case))
    return {name: tensor_of(array, DEVICE).clone() for name, array in arrays.items()} | GIVEN


def filled(results: dict[str, Any | None]) -> dict[str, Any]:
    """Return results, of which none may be missing."""
    assert all(result is not None for result in results.values())
    return dict(results)


@pytest.mark.parametrize("shape", [(4, 3, 5, 6), (3, 2, 90, 80), (70, 9), (900, 3)])
def test_tensors_and_arrays_have_the_same_results(shape: tuple[int, ...]) -> None:
    """To the bit: arrays are moved, and that is all."""
    arrays = vars(make_inputs(Case(shape=shape))) | GIVEN
    want = filled(triton.batch_norm(**arrays))
    for name, tensor in batch_norm(**tensors(Case(shape=shape))).items():
        assert array_of(tensor).tobytes() == want[name].tobytes(), name


@pytest.mark.parametrize("training", [True, False])
def test_results_are_written_where_the_caller_wants(*, training: bool) -> None:
    """Tensors of `out` are filled, and are what is returned."""
    asked = tensors(Case(shape=(4, 3, 5))) | {"training": training}
    want = batch_norm(**asked)
    out = {name: torch.empty_like(tensor) for name, tensor in want.items()}
    got = batch_norm(**asked, out=out)
    for name, tensor in want.items():
        assert got[name] is out[name]
        assert torch.equal(out[name], tensor), name


def test_statistics_can_be_updated_in_place() -> None:
    """They are read before they are written, value by value."""
    asked = tensors(Case(shape=(4, 3, 5)))
    want = batch_norm(**asked)
    running = {name: asked[name] for name in ("running_mean", "running_var")}
    batch_norm(**asked, out=running)
    for name, tensor in running.items():
        assert torch.equal(tensor, want[name]), name


def test_output_may_take_the_place_of_the_data() -> None:
    """What is written is not read again: the result comes by way of another tensor."""
    asked = tensors(Case(shape=(3, 2, 90, 80)))
    want = batch_norm(**asked)["output"]
    got = batch_norm(**asked, out={"output": asked["x"]})["output"]
    assert got is asked["x"]
    assert torch.equal(got, want)


def test_arrays_are_filled_too() -> None:
    """`out` of the contract with NumPy."""
    arrays = vars(make_inputs(Case(shape=(4, 3, 5)))) | GIVEN
    want = filled(triton.batch_norm(**arrays))
    out = {name: np.empty_like(array) for name, array in want.items()}
    got = triton.batch_norm(**arrays, out=out)
    for name, array in want.items():
        assert got[name] is out[name]
        assert np.array_equal(out[name], array), name


def test_out_for_what_is_not_computed_is_refused() -> None:
    """A tensor that would stay unwritten is a mistake of the caller's."""
    asked = tensors(Case(shape=(4, 3))) | {"grad_output": None}
    with pytest.raises(ValueError, match="grad_bias"):
        batch_norm(**asked, out={"grad_bias": torch.empty(3, device=DEVICE)})


def test_training_on_one_value_is_refused() -> None:
    """As in PyTorch, whose dialect the kernels follow."""
    with pytest.raises(ValueError, match="more than one value per channel"):
        batch_norm(**tensors(Case(shape=(1, 3))))


def test_axes_that_lie_apart_are_refused() -> None:
    """More than five of them: the message says how many are taken."""
    x = torch.ones((2, 2, 4, 4, 4, 4), device=DEVICE)[:, :, ::2, ::2, ::2, ::2]
    with pytest.raises(NotImplementedError, match="6 axes that lie apart: at most 5"):
        batch_norm(x, None, None, None, None, **GIVEN, out={"output": torch.empty_like(x.mT).mT})


def test_output_lies_as_the_data_do() -> None:
    """Channels last stay last, and so does the gradient."""
    asked = tensors(Case(shape=(4, 3, 5, 6)))
    last = torch.channels_last
    asked |= {name: asked[name].contiguous(memory_format=last) for name in ("x", "grad_output")}
    found = filled(batch_norm(**asked))
    assert found["output"].is_contiguous(memory_format=last)
    assert found["grad_input"].is_contiguous(memory_format=last)


@compiler.jit  # type: ignore[untyped-decorator]  # it ships no types
def last_tile(counts, index, across, cut: tl.constexpr):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201  # Triton's to find
    """Store how many values a channel has in a tile of one row."""
    _, _, count = tile_of(0, index, 1, across, cut)
    tl.store(counts, count)


def test_columns_are_counted_beyond_32_bits() -> None:
    """The last tile of 2 ** 31 + 8 columns has 8: a grain of 8 takes the product past an int32."""
    cut = Cut(height=1, width=1024, by_column=False, unit=True, grain=8)
    counts = torch.zeros(1, dtype=torch.int64, device=DEVICE)
    last_tile[(1,)](counts, 2**31 // 1024, 2**28 + 1, cut)
    assert int(counts) == 8
