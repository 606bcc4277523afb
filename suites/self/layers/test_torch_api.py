"""The local layers in PyTorch's style, next to PyTorch itself."""

import inspect
from typing import Any

import numpy as np
import pytest
from bnparity.backends.tensors import array_of, tensor_of
from bnparity.layers import torch_api
from refusing import raised

torch = pytest.importorskip("torch", reason="torch is not installed")

RANDOM = np.random.default_rng(4)
X = RANDOM.normal(3, 2, size=(4, 3, 2, 2)).astype(np.float32)
ONES = np.ones(3, np.float32)
KINDS = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_that_of_the_installed_torch(kind: str) -> None:
    """Names, kinds and defaults of the parameters are the framework's."""
    of = [inspect.signature(getattr(api, kind)).parameters for api in (torch.nn, torch_api)]
    theirs, ours = [[(p.name, p.kind, p.default) for p in ps.values()] for ps in of]
    assert ours == theirs


@pytest.mark.parametrize("shape", [(1, 3, 1, 1), (4, 3), (4, 4, 2, 2), (0, 3, 2, 2)])
def test_batch_is_counted_whatever_comes_of_it(shape: tuple[int, ...]) -> None:
    """A batch that is refused, or empty, is counted where the framework counts it."""
    x = np.zeros(shape, np.float32)
    ours, theirs = torch_api.BatchNorm2d(3), torch.nn.BatchNorm2d(3)
    assert raised(lambda: ours(x))[0] is raised(lambda: theirs(torch.from_numpy(x)))[0]
    assert ours.num_batches_tracked == theirs.num_batches_tracked.item()


def test_empty_batch_leaves_the_statistics() -> None:
    """No values move nothing, and give parameters a gradient of 0."""
    layer = torch_api.BatchNorm2d(3)
    assert layer(X[:0]).shape == (0, 3, 2, 2)
    assert layer.running_mean is not None
    assert layer.running_mean.tolist() == [0, 0, 0]
    gradients = layer.backward(X[:0])
    assert gradients.grad_weight is not None
    assert gradients.grad_weight.tolist() == [0, 0, 0]


def test_momentum_none_averages_over_all_batches() -> None:
    """After k batches the running mean is the mean of their means."""
    layer = torch_api.BatchNorm2d(1, momentum=None)
    for value in (1.0, 3.0, 8.0):
        layer(np.full((2, 1, 1, 1), value, np.float32))
    assert layer.running_mean is not None
    assert layer.running_mean.tolist() == [4.0]


@pytest.mark.parametrize(
    ("changes", "moves", "from_batch"),
    [
        ({}, True, True),
        ({"track_running_stats": False}, False, True),
        ({"training": False}, False, False),
        ({"training": False, "running_mean": None, "running_var": None}, False, True),
        ({"training": False, "track_running_stats": False}, False, False),
    ],
    ids=str,
)
def test_attributes_count_when_the_layer_is_called(
    changes: dict[str, Any], moves: bool, from_batch: bool
) -> None:
    """Each row of the mode table, reached by changing attributes after construction."""
    layer = torch_api.BatchNorm2d(3)
    for name, value in changes.items():
        setattr(layer, name, value)
    output = layer(X)
    assert layer.running_var is None or bool((layer.running_var != 1).all()) is moves
    assert bool(abs(output.mean()) < 1) is from_batch
    assert layer.num_batches_tracked == int(moves)


def test_backward_takes_what_forward_saved() -> None:
    """Neither another weight nor changed data change the gradients of the last call."""
    x, grad = X.copy(), RANDOM.normal(size=X.shape).astype(np.float32)
    layer = torch_api.BatchNorm2d(3)
    layer(x)
    before = layer.backward(grad)
    x[...], layer.weight = 0, 7 * ONES
    after = layer.backward(grad)
    assert {k: v.tobytes() for k, v in vars(before).items()} == {
        k: v.tobytes() for k, v in vars(after).items()
    }


def test_phases_are_one_seam_for_other_ranks() -> None:
    """What `merged` and `added` return is what normalises and what the gradient flows through."""

    class Twice(torch_api.BatchNorm2d):
        def merged(self, own: Any) -> Any:
            return type(own)(count=2 * own.count, mean=own.mean, m2=2 * own.m2)

        def added(self, own: Any) -> Any:
            return type(own)(grad=2 * own.grad, projection=2 * own.projection)

    one, whole = Twice(3), torch_api.BatchNorm2d(3)
    both = np.concatenate([X, X])
    assert np.array_equal(one(X), whole(both)[:4])
    part, full = one.backward(X), whole.backward(both)
    assert np.array_equal(part.grad_input, full.grad_input[:4])
    assert np.array_equal(one.running_var, whole.running_var)  # type: ignore[arg-type]  # tracked


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("parameters", ["float16", "bfloat16", "float32", "float64"])
@pytest.mark.parametrize(
    "data", ["float16", "bfloat16", "float32", "float64", "int32", "int64", "bool", "complex64"]
)
def test_formats_mix_as_in_the_framework(data: str, parameters: str, training: bool) -> None:
    """Halves go with float32 parameters or their own; results have the framework's formats."""
    x = X.astype(np.dtype(data))
    ours = torch_api.BatchNorm2d(3, dtype=parameters).train(training)
    theirs = torch.nn.BatchNorm2d(3, dtype=getattr(torch, parameters)).train(training)
    kind, text = raised(lambda: ours(x))
    assert kind is raised(lambda: theirs(tensor_of(x)))[0]
    if kind is not None:
        assert "dtype" in text
        return
    output = theirs(tensor_of(x).requires_grad_())
    output.backward(tensor_of(x))
    found = ours.backward(x)
    assert found.grad_weight is not None
    assert (ours(x).dtype, found.grad_weight.dtype) == (
        array_of(output).dtype,
        array_of(theirs.weight.grad).dtype,
    )
