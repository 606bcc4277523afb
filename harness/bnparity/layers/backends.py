"""The local layers of both APIs, judged like any backend: see `bnparity.layers`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.backends import Call, Outputs, takes_call
from bnparity.layers.local_apis import LocalMindSporeAPI, LocalTorchAPI
from bnparity.layers.sync_backends import SyncMindSporeLayer, SyncTorchLayer

Array = NDArray[Any]


def probe() -> dict[str, str]:
    """Return the version of NumPy, and the device."""
    return {"version": np.__version__, "device": "cpu"}


@dataclass(frozen=True, kw_only=True)
class TorchLayer:
    """A layer of `bnparity.layers.torch_api` made for each call, with the arrays of the call."""

    dialect: str = "torch"
    dtypes: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
    degenerate: bool = True

    @property
    def variants(self) -> dict[str, SyncTorchLayer]:
        """The other ways to run it, by the name that stands in brackets."""
        return {"sync": SyncTorchLayer()}

    @property
    def layer_api(self) -> LocalTorchAPI:
        """The layers themselves, step by step."""
        return LocalTorchAPI()

    def probe(self) -> dict[str, str]:
        """Return the version of NumPy, and the device."""
        return probe()

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results of a layer made for this call."""
        from bnparity.layers import torch_api as api

        kinds = {2: api.BatchNorm1d, 3: api.BatchNorm1d, 4: api.BatchNorm2d, 5: api.BatchNorm3d}
        tracked = call.running_mean is not None
        layer = kinds[call.x.ndim](
            call.x.shape[1],
            eps=call.eps,
            momentum=call.momentum,
            affine=False,
            track_running_stats=tracked,
        )
        layer.weight, layer.bias = call.weight, call.bias
        layer.running_mean, layer.running_var = (
            _copied(call.running_mean),
            _copied(call.running_var),
        )
        layer.train(call.training)
        results = {"output": layer(call.x)}
        if call.grad_output is not None:
            results |= vars(layer.backward(call.grad_output))
        return results | {"running_mean": layer.running_mean, "running_var": layer.running_var}


@dataclass(frozen=True, kw_only=True)
class MindSporeLayer:
    """A layer of `bnparity.layers.mindspore_api` made for each call, with the call's arrays."""

    dialect: str = "mindspore"
    dtypes: tuple[str, ...] = ("float32", "float16")
    degenerate: bool = True

    @property
    def variants(self) -> dict[str, SyncMindSporeLayer]:
        """The other ways to run it, by the name that stands in brackets."""
        return {"sync": SyncMindSporeLayer()}

    @property
    def layer_api(self) -> LocalMindSporeAPI:
        """The layers themselves, step by step."""
        return LocalMindSporeAPI()

    def probe(self) -> dict[str, str]:
        """Return the version of NumPy, and the device."""
        return probe()

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results of a layer made for this call.

        Raises
        ------
        NotImplementedError
            For what the layer has no words for: no running statistics, one affine parameter alone.
        """
        from bnparity.layers import mindspore_api as api

        if call.running_mean is None or call.running_var is None:
            raise NotImplementedError("mindspore_api always has moving statistics")
        if (call.weight is None) != (call.bias is None):
            raise NotImplementedError("mindspore_api has both gamma and beta or neither")
        kinds = {2: api.BatchNorm1d, 3: api.BatchNorm1d, 4: api.BatchNorm2d, 5: api.BatchNorm3d}
        layer = kinds[call.x.ndim](
            call.x.shape[1],
            eps=call.eps,
            momentum=call.momentum,
            affine=call.weight is not None,
            gamma_init="ones" if call.weight is None else call.weight,
            beta_init="zeros" if call.bias is None else call.bias,
            moving_mean_init=call.running_mean,
            moving_var_init=call.running_var,
            dtype=call.running_mean.dtype,
        )
        layer.set_train(call.training)
        results = {"output": layer(call.x)}
        if call.grad_output is not None:
            results |= vars(layer.backward(call.grad_output))
        inner = layer.bn2d if isinstance(layer, api.BatchNorm3d) else layer
        statistics = {"running_mean": inner.moving_mean, "running_var": inner.moving_variance}
        return results | statistics


def _copied(array: Array | None) -> Array | None:
    return None if array is None else array.copy()


TORCH_API = TorchLayer()
MINDSPORE_API = MindSporeLayer()
