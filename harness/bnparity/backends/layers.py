"""The local layers of both APIs, judged like any backend: see `bnparity.layers`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.backends.sync import SyncMindSporeLayer, SyncTorchLayer
from bnparity.drivers.mindspore_style import LocalMindSporeDriver
from bnparity.drivers.torch_style import LocalTorchDriver

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
    def driver(self) -> LocalTorchDriver:
        """The layers themselves, step by step."""
        return LocalTorchDriver()

    def probe(self) -> dict[str, str]:
        """Return the version of NumPy, and the device."""
        return probe()

    def __call__(
        self,
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        training: bool,
        momentum: float | None,
        eps: float,
        grad_output: Array | None = None,
    ) -> dict[str, Array | None]:
        """Call the layer as `bnparity.kernels.numpy_kernel.batch_norm` is called."""
        from bnparity.layers import torch_api as api

        kinds = {2: api.BatchNorm1d, 3: api.BatchNorm1d, 4: api.BatchNorm2d, 5: api.BatchNorm3d}
        tracked = running_mean is not None
        layer = kinds[x.ndim](
            x.shape[1], eps=eps, momentum=momentum, affine=False, track_running_stats=tracked
        )
        layer.weight, layer.bias = weight, bias
        layer.running_mean, layer.running_var = _copied(running_mean), _copied(running_var)
        layer.train(training)
        results = {"output": layer(x)}
        if grad_output is not None:
            results |= vars(layer.backward(grad_output))
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
    def driver(self) -> LocalMindSporeDriver:
        """The layers themselves, step by step."""
        return LocalMindSporeDriver()

    def probe(self) -> dict[str, str]:
        """Return the version of NumPy, and the device."""
        return probe()

    def __call__(
        self,
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        training: bool,
        momentum: float,
        eps: float,
        grad_output: Array | None = None,
    ) -> dict[str, Array | None]:
        """Call the layer as `bnparity.kernels.numpy_kernel.batch_norm` is called.

        Raises
        ------
        NotImplementedError
            For what the layer has no words for: no running statistics, one affine parameter alone.
        """
        from bnparity.layers import mindspore_api as api

        if running_mean is None or running_var is None:
            raise NotImplementedError("mindspore_api always has moving statistics")
        if (weight is None) != (bias is None):
            raise NotImplementedError("mindspore_api has both gamma and beta or neither")
        kinds = {2: api.BatchNorm1d, 3: api.BatchNorm1d, 4: api.BatchNorm2d, 5: api.BatchNorm3d}
        layer = kinds[x.ndim](
            x.shape[1],
            eps=eps,
            momentum=momentum,
            affine=weight is not None,
            gamma_init="ones" if weight is None else weight,
            beta_init="zeros" if bias is None else bias,
            moving_mean_init=running_mean,
            moving_var_init=running_var,
            dtype=running_mean.dtype,
        )
        layer.set_train(training)
        results = {"output": layer(x)}
        if grad_output is not None:
            results |= vars(layer.backward(grad_output))
        inner = layer.bn2d if isinstance(layer, api.BatchNorm3d) else layer
        statistics = {"running_mean": inner.moving_mean, "running_var": inner.moving_variance}
        return results | statistics


def _copied(array: Array | None) -> Array | None:
    return None if array is None else array.copy()


TORCH_API = TorchLayer()
MINDSPORE_API = MindSporeLayer()
