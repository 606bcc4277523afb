"""The local layers in PyTorch's style, next to PyTorch itself."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bnparity.backends.tensors import array_of, tensor_of
from bnparity.layers import torch_api
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="torch is not installed")

Array = NDArray[Any]
RANDOM = np.random.default_rng(4)
X = RANDOM.normal(3, 2, size=(4, 3, 2, 2)).astype(np.float32)
ONES = np.ones(3, np.float32)
KINDS = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]


def raised(act: Callable[[], object]) -> tuple[type[BaseException] | None, str]:
    """Return the type and the text of what `act` raises."""
    try:
        act()
    except Exception as error:  # noqa: BLE001  # its type is the answer
        return type(error), str(error)
    return None, ""


def shaped(kind: str, x: Array = X) -> Array:
    return x.reshape(4, 3, *{"BatchNorm1d": (4,), "BatchNorm2d": (2, 2)}.get(kind, (1, 2, 2)))


@pytest.mark.parametrize("kind", KINDS)
def test_signature_is_that_of_the_installed_torch(kind: str) -> None:
    """Names, kinds and defaults of the parameters are the framework's."""
    of = [inspect.signature(getattr(api, kind)).parameters for api in (torch.nn, torch_api)]
    theirs, ours = [[(p.name, p.kind, p.default) for p in ps.values()] for ps in of]
    assert ours == theirs


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


def test_backward_needs_a_forward_call() -> None:
    """Without one there is nothing to go back through, and the message says so."""
    with pytest.raises(RuntimeError, match="no forward call"):
        torch_api.BatchNorm2d(3).backward(X)


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


BAD_ARGUMENTS: list[dict[str, Any]] = [
    *({"num_features": n} for n in (3.0, -1, "3", True, None, 2**70)),
    *({"device": d} for d in ("tpu", 3.5)),
    *({"dtype": d} for d in ("nope", 3)),
    {"foo": 1},
]


@pytest.mark.parametrize("arguments", BAD_ARGUMENTS, ids=str)
def test_constructor_refuses_what_torch_refuses(arguments: dict[str, Any]) -> None:
    """The exception is of the framework's type; ours names the parameter and the value."""
    given = {"num_features": 3, **arguments}
    kind, text = raised(lambda: torch_api.BatchNorm2d(**given))
    assert kind is raised(lambda: torch.nn.BatchNorm2d(**given))[0]
    assert kind is not None
    ((name, value),) = arguments.items()
    assert name in text
    assert repr(value) in text or name == "foo"


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("eps", [0, 0.0, -1e-3, 2, "1e-5", None, [1e-5], float("nan")], ids=str)
def test_eps_is_looked_at_when_the_layer_is_called(eps: Any, training: bool) -> None:
    """Every eps makes a layer; which it computes with is the framework's choice."""
    ours, theirs = (api.BatchNorm2d(3, eps=eps).train(training) for api in (torch_api, torch.nn))
    kind, text = raised(lambda: ours(X))
    assert kind is raised(lambda: theirs(torch.from_numpy(X)))[0]
    assert kind is None or f"eps={eps!r}" in text


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("momentum", [None, -0.1, 1.5, "0.1", [0.1], True], ids=str)
def test_momentum_is_looked_at_when_the_layer_is_called(momentum: Any, training: bool) -> None:
    """Every number will do, and None; in inference too it must be one."""
    ours, theirs = (
        api.BatchNorm2d(3, momentum=momentum).train(training) for api in (torch_api, torch.nn)
    )
    kind, text = raised(lambda: ours(X))
    assert kind is raised(lambda: theirs(torch.from_numpy(X)))[0]
    assert kind is None or f"momentum={momentum!r}" in text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("rank", range(1, 7))
def test_rank_is_the_frameworks(kind: str, training: bool, rank: int) -> None:
    """Other ranks than the layer's are refused, in both modes."""
    x = np.ones((4, 3, 2, 2, 2, 2)[:rank], np.float32)
    ours, theirs = (getattr(api, kind)(3).train(training) for api in (torch_api, torch.nn))
    error, text = raised(lambda: ours(x))
    assert error is raised(lambda: theirs(torch.from_numpy(x)))[0]
    assert error is None or str(x.shape) in text


@pytest.mark.parametrize("tracked", [True, False])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("shape", [(4, 4, 2, 2), (4, 2, 2, 2), (1, 3, 1, 1), (0, 5, 2, 2)], ids=str)
def test_shape_is_looked_at_as_the_framework_does(
    shape: tuple[int, ...], training: bool, tracked: bool
) -> None:
    """Other channels and single values are refused; of no values nobody counts the channels."""
    x = np.ones(shape, np.float32)
    ours, theirs = (
        api.BatchNorm2d(3, track_running_stats=tracked).train(training)
        for api in (torch_api, torch.nn)
    )
    error, text = raised(lambda: ours(x))
    assert error is raised(lambda: theirs(torch.from_numpy(x)))[0]
    assert error is None or "channel" in text


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


@pytest.mark.parametrize("value", [1, "x", None])
def test_train_takes_a_bool(value: Any) -> None:
    """Anything else is refused as the framework does."""
    kind, text = raised(lambda: torch_api.BatchNorm2d(3).train(value))
    assert kind is raised(lambda: torch.nn.BatchNorm2d(3).train(value))[0]
    assert f"mode={value!r}" in text


@pytest.mark.parametrize("missing", ["running_mean", "running_var"])
@pytest.mark.parametrize("training", [True, False])
def test_one_running_statistic_alone_is_refused(missing: str, training: bool) -> None:
    """The exception depends on the mode, as in the framework."""
    ours, theirs = (api.BatchNorm2d(3).train(training) for api in (torch_api, torch.nn))
    for layer in (ours, theirs):
        setattr(layer, missing, None)
    kind, text = raised(lambda: ours(X))
    assert kind is raised(lambda: theirs(torch.from_numpy(X)))[0]
    assert f"{missing}=None" in text


def test_only_arrays_are_assigned() -> None:
    """A parameter that is no array is refused where it is assigned."""
    with pytest.raises(TypeError, match="weight is of type list: give an array"):
        torch_api.BatchNorm2d(3).weight = [1, 1, 1]  # type: ignore[assignment]  # that is the point


def test_what_is_no_array_is_refused() -> None:
    """A list has no axes: the framework raises AttributeError."""
    assert raised(lambda: torch.nn.BatchNorm2d(3)([1.0]))[0] is AttributeError
    with pytest.raises(AttributeError, match="input is of type list"):
        torch_api.BatchNorm2d(3)([1.0])  # type: ignore[arg-type]  # that is the point
