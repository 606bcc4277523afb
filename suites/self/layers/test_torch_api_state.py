"""The state of the local layers in PyTorch's style: saved, loaded and reset as by PyTorch."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.tensors import array_of, tensor_of
from bnparity.layers import torch_api
from refusing import raised

torch = pytest.importorskip("torch", reason="torch is not installed")

ONES = np.ones(3, np.float32)


@pytest.mark.parametrize(
    "arguments",
    [{}, {"affine": False}, {"track_running_stats": False}, {"bias": False}, {"momentum": None}],
    ids=str,
)
def test_state_and_text_of_a_fresh_layer(arguments: dict[str, Any]) -> None:
    """A fresh layer has the arrays of the framework's, by the same names, and prints the same."""
    ours, theirs = torch_api.BatchNorm2d(3, **arguments), torch.nn.BatchNorm2d(3, **arguments)
    state = {name: tensor.numpy() for name, tensor in theirs.state_dict().items()}
    assert {k: (a.dtype, a.tobytes()) for k, a in ours.state_dict().items()} == {
        k: (a.dtype, a.tobytes()) for k, a in state.items()
    }
    assert list(ours.state_dict()) == list(state)
    assert [n for n, _ in ours.named_parameters()] == [n for n, _ in theirs.named_parameters()]
    assert [n for n, _ in ours.named_buffers()] == [n for n, _ in theirs.named_buffers()]
    assert (repr(ours), ours.training) == (repr(theirs), theirs.training)


def as_torch(value: Any) -> Any:
    return tensor_of(value) if isinstance(value, np.ndarray) else value


FULL = {
    "weight": 2 * ONES,
    "bias": ONES,
    "running_mean": ONES,
    "running_var": 3 * ONES,
    "num_batches_tracked": np.array(5),
}


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "change",
    [
        {},
        {"foo": ONES},
        {"weight": np.ones(4, np.float32)},
        {"weight": np.ones((1, 3), np.float32)},
        {"weight": np.float32(2) * np.ones(())},
        {"running_mean": np.ones(3)},
        {"running_mean": np.array([1, 2, 3])},
        {"num_batches_tracked": np.array([2])},
        {"num_batches_tracked": np.array(2.7)},
        {"weight": None},
        {"weight": [1, 2, 3]},
        {"running_mean": ...},
        {"num_batches_tracked": ...},
    ],
    ids=str,
)
def test_loading_is_the_frameworks(change: dict[str, Any], strict: bool) -> None:
    """A state is taken or refused as the framework does, and leaves the same values behind."""
    state = {name: a for name, a in {**FULL, **change}.items() if a is not ...}
    ours, theirs = torch_api.BatchNorm2d(3), torch.nn.BatchNorm2d(3)
    tensors = {name: as_torch(a) for name, a in state.items()}
    kind, text = raised(lambda: ours.load_state_dict(state, strict))
    assert kind is raised(lambda: theirs.load_state_dict(tensors, strict))[0]
    assert all(name in text for name in change if kind)
    assert {k: a.tobytes() for k, a in ours.state_dict().items()} == {
        k: array_of(t).tobytes() for k, t in theirs.state_dict().items()
    }


def test_saved_state_knows_that_it_counts_batches() -> None:
    """A count that was taken out of a saved state is missed, as by the framework."""
    state = torch_api.BatchNorm2d(3).state_dict()
    del state["num_batches_tracked"]
    with pytest.raises(RuntimeError, match="num_batches_tracked is missing"):
        torch_api.BatchNorm2d(3).load_state_dict(state)


def test_reset_gives_a_fresh_layer() -> None:
    """After reset_parameters the state is that of a layer just made."""
    layer, fresh = torch_api.BatchNorm2d(3), torch_api.BatchNorm2d(3)
    layer.load_state_dict(FULL)
    layer.reset_parameters()
    assert {k: a.tobytes() for k, a in layer.state_dict().items()} == {
        k: a.tobytes() for k, a in fresh.state_dict().items()
    }
