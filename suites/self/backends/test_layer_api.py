"""A layer driven from the harness is the framework's own layer, step by step."""

import numpy as np
import pytest
from bnparity.backends.open import Opened
from bnparity.backends.remote_layer import LayerError, Remote, make, signature

X = np.random.default_rng(0).normal(size=(4, 3, 2, 2)).astype(np.float32)

each_api = pytest.mark.parametrize(
    "api", ["torch", "mindspore", "mindspore[graph]", "torch_api", "mindspore_api"]
)


@pytest.fixture
def remote(api: str, bn_opened: dict[str, Opened]) -> Remote:
    """Return what answers requests about layers of an API."""
    backend = bn_opened[api]
    if backend.remote is None:
        pytest.skip(backend.reason)
    return backend.remote


@each_api
def test_training_moves_the_state(remote: Remote) -> None:
    """A call in training changes what the layer saves; one in inference does not."""
    layer = make(remote, "BatchNorm2d", 3)
    for mode in (False, True):
        layer.train(mode)
        before = layer.state()
        layer(X)
        after = layer.state()
        moved = [name for name in before if not np.array_equal(before[name], after[name])]
        assert bool(moved) == mode


@each_api
def test_state_can_be_loaded_into_another_layer(remote: Remote) -> None:
    """What one layer saves another loads, to the bit."""
    one, other = make(remote, "BatchNorm2d", 3), make(remote, "BatchNorm2d", 3)
    one.train()
    one(X)
    other.load(one.state())
    assert {k: v.tobytes() for k, v in one.state().items()} == {
        k: v.tobytes() for k, v in other.state().items()
    }


@each_api
def test_gradients_come_with_the_call_that_asks_for_them(remote: Remote) -> None:
    """A call with grad_output returns three gradients; one without returns the output alone."""
    layer = make(remote, "BatchNorm2d", 3)
    assert set(layer(X)) == {"output"}
    assert set(layer(X, X)) == {"output", "grad_input", "grad_weight", "grad_bias"}


@each_api
def test_what_the_layer_raises_arrives(remote: Remote) -> None:
    """The name and the text of an exception cross the process boundary."""
    layer = make(remote, "BatchNorm2d", 3)
    with pytest.raises(LayerError) as refused:
        layer(X[0])
    assert refused.value.type == "ValueError"
    assert "3" in refused.value.message


@pytest.mark.parametrize("api", ["torch"])
def test_arrays_and_formats_are_arguments(remote: Remote) -> None:
    """A NumPy dtype is the framework's, an array its tensor; an attribute can be set and read."""
    layer = make(remote, "BatchNorm2d", 3, dtype=np.dtype("float64"))
    layer.set("running_mean", np.arange(3.0))
    assert layer.state()["running_mean"].tolist() == [0.0, 1.0, 2.0]
    layer.set("momentum", None)
    assert layer.get("momentum") is None


@pytest.mark.parametrize("api", ["torch", "mindspore"])
def test_signature_is_the_constructors(remote: Remote) -> None:
    """Parameters come in order, with their kinds and defaults as plain values."""
    assert signature(remote, "BatchNorm2d")[:2] == [
        ("num_features", "POSITIONAL_OR_KEYWORD", "(none)"),
        ("eps", "POSITIONAL_OR_KEYWORD", 1e-5),
    ]


@pytest.mark.parametrize("api", ["torch", "mindspore"])
def test_members_are_the_public_attributes(remote: Remote) -> None:
    """They are listed by name, methods and what is private left out."""
    members = make(remote, "BatchNorm2d", 3).members()
    assert {"eps", "momentum", "training"} <= set(members)
    assert not {name for name in members if name.startswith("_") or name.endswith("train")}
