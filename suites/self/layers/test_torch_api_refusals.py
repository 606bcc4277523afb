"""What the local layers in PyTorch's style refuse: the same as PyTorch, by the same exception."""

from typing import Any

import numpy as np
import pytest
from bnparity.layers import torch_api
from refusing import raised

torch = pytest.importorskip("torch", reason="torch is not installed")
X = np.arange(48, dtype=np.float32).reshape(4, 3, 2, 2)
KINDS = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d"]


def test_backward_needs_a_forward_call() -> None:
    """Without one there is nothing to go back through, and the message says so."""
    with pytest.raises(RuntimeError, match="no forward call"):
        torch_api.BatchNorm2d(3).backward(X)


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
