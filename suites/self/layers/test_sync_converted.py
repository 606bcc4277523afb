"""Plain layers turned into synchronised ones: PyTorch's own conversion, and the local one."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.tensors import array_of
from bnparity.layers import torch_api
from bnparity.layers.ranks import in_process

torch = pytest.importorskip("torch", reason="torch is not installed")

SETTINGS = ("num_features", "eps", "momentum", "affine", "track_running_stats", "training")

each_arguments = pytest.mark.parametrize(
    "arguments",
    [
        {"eps": 0.5, "momentum": 0.3},
        {"momentum": None, "bias": False},
        {"affine": False, "momentum": 0.0},
        {"track_running_stats": False},
    ],
    ids=str,
)
each_mode = pytest.mark.parametrize("training", [True, False], ids=["training", "inference"])


def trained(arguments: dict[str, Any], *, training: bool) -> tuple[Any, Any]:
    """Return PyTorch's layer and the local one, of which nothing is as in a new one."""
    drawn = np.random.default_rng(0).normal(3, 2, (4, 3, 2, 2)).astype(np.float32)
    real, local = torch.nn.BatchNorm2d(3, **arguments), torch_api.BatchNorm2d(3, **arguments)
    for parameter in real.parameters():
        torch.nn.init.normal_(parameter)
    real(torch.from_numpy(drawn))
    local.load_state_dict({name: array_of(t) for name, t in real.state_dict().items()})
    return real.train(training), local.train(training)


def bits(state: Any) -> dict[str, bytes]:
    """Return the bytes of each array or tensor of a state."""
    return {name: np.asarray(array).tobytes() for name, array in state.items()}


@each_arguments
@each_mode
def test_conversion_keeps_state_settings_and_mode(
    arguments: dict[str, Any], training: bool
) -> None:
    """PyTorch's and the local one alike; and the arrays are the plain layer's own."""
    for plain, kind in zip(
        trained(arguments, training=training),
        (torch.nn.SyncBatchNorm, torch_api.SyncBatchNorm),
        strict=True,
    ):
        made = kind.convert_sync_batchnorm(plain)
        assert type(made) is kind
        assert bits(made.state_dict()) == bits(plain.state_dict())
        assert [getattr(made, n) for n in SETTINGS] == [getattr(plain, n) for n in SETTINGS]
        assert made.weight is plain.weight
        assert made.running_var is plain.running_var


@each_arguments
def test_state_goes_back_into_a_plain_layer(arguments: dict[str, Any]) -> None:
    """Of either, by its own loading: no name is missing, none too many."""
    for plain, kind in zip(
        trained(arguments, training=True),
        (torch.nn.SyncBatchNorm, torch_api.SyncBatchNorm),
        strict=True,
    ):
        made, fresh = kind.convert_sync_batchnorm(plain), type(plain)(3, **arguments)
        fresh.load_state_dict(made.state_dict())
        assert bits(fresh.state_dict()) == bits(plain.state_dict())


def test_group_is_the_one_that_is_given() -> None:
    """The local layer then synchronises with these ranks."""
    (alone,) = in_process(1)
    made = torch_api.SyncBatchNorm.convert_sync_batchnorm(torch_api.BatchNorm1d(2), alone)
    assert made.group is alone
