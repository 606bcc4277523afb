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


def plain_again(made: Any, kind: Any) -> Any:
    """Return a plain layer with the settings, the state and the mode of a synchronised one."""
    settings = {name: getattr(made, name) for name in SETTINGS if name != "training"}
    layer = kind(**settings, bias=made.bias is not None)
    layer.load_state_dict(made.state_dict())
    return layer.train(made.training)


@each_arguments
@each_mode
def test_way_back_keeps_state_settings_and_mode(arguments: dict[str, Any], training: bool) -> None:
    """Of either, by what the synchronised layer says of itself; no name is missing or too many."""
    for plain, kind in zip(
        trained(arguments, training=training),
        (torch.nn.SyncBatchNorm, torch_api.SyncBatchNorm),
        strict=True,
    ):
        back = plain_again(kind.convert_sync_batchnorm(plain), type(plain))
        assert bits(back.state_dict()) == bits(plain.state_dict())
        assert [getattr(back, n) for n in SETTINGS] == [getattr(plain, n) for n in SETTINGS]
        assert (back.bias is None) == (plain.bias is None)


def test_group_is_the_one_that_is_given() -> None:
    """The local layer then synchronises with these ranks."""
    (alone,) = in_process(1)
    made = torch_api.SyncBatchNorm.convert_sync_batchnorm(torch_api.BatchNorm1d(2), alone)
    assert made.group is alone
