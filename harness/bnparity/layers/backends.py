"""The local layers of both APIs, judged like any backend: by themselves, or as ranks of a batch."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, replace
from operator import attrgetter
from types import ModuleType
from typing import Any

import numpy as np

from bnparity.backends import CLASS_OF_RANK, Array, Arrays, Call, Outputs, decoded, takes_call
from bnparity.layers import mindspore_api, torch_api
from bnparity.layers.shards import common, narrowed, passed, shares, widened


@dataclass(frozen=True, kw_only=True)
class LocalAPI:
    """The layers of a module of this room; `train`, `saved` and `load` say what it calls them."""

    module: ModuleType
    train: Callable[[Any, bool], object]
    saved: Callable[[Any], Mapping[str, Array]]
    load: Callable[[Any, Mapping[str, Array]], object]

    def layer_class(self, kind: str) -> Any:
        """Return the class of the module called `kind`."""
        return getattr(self.module, kind)

    def value(self, encoded: Any, arrays: Arrays) -> Any:
        """Return an argument as it is, a format by its name."""
        return decoded(encoded, arrays, array=np.asarray, dtype=str)

    def call(self, layer: Any, x: Array, grad_output: Array | None) -> dict[str, Array | None]:
        """Return what ``layer(x)`` and ``layer.backward`` return."""
        output = layer(x)
        if grad_output is None:
            return {"output": output}
        return {"output": output, **vars(layer.backward(grad_output))}

    def state(self, layer: Any) -> dict[str, Array]:
        """Return a copy of the layer's state."""
        return {name: np.array(array) for name, array in self.saved(layer).items()}


@dataclass(frozen=True, kw_only=True)
class LocalBackend:
    """A layer of `api` made for each call; if `sync`, replicas of SyncBatchNorm that share it.

    `make` returns a layer of a class, with the arrays of a call; `statistics` names its running
    mean and variance. `ranks` are the numbers of axes it takes, `sync_ranks` SyncBatchNorm's.
    """

    api: LocalAPI
    make: Callable[[Any, Call], Any]
    statistics: tuple[str, str]
    dialect: str
    dtypes: tuple[str, ...]
    ranks: tuple[int, ...] = (2, 3, 4, 5)
    sync_ranks: tuple[int, ...] = (2, 3, 4, 5)
    degenerate: bool = True
    momentum_none: bool = True
    sync: bool = False

    @property
    def variants(self) -> dict[str, "LocalBackend"]:
        """The other ways to run it, by the name that stands in brackets."""
        return {} if self.sync else {"sync": replace(self, sync=True, ranks=self.sync_ranks)}

    @property
    def layer_api(self) -> LocalAPI | None:
        """The layers themselves, step by step."""
        return None if self.sync else self.api

    def probe(self) -> dict[str, str]:
        """Return the version of NumPy, and the device."""
        return {"version": np.__version__, "device": "cpu"}

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results, or raise NotImplementedError for what the layer has no words for."""
        if self.sync:
            return self._together(call)
        layer = self.make(self.api.layer_class(CLASS_OF_RANK[call.x.ndim]), call)
        results = self.api.call(layer, call.x, call.grad_output)
        inner = getattr(layer, "bn2d", layer)  # MindSpore's BatchNorm3d wraps a BatchNorm2d
        results["running_mean"], results["running_var"] = attrgetter(*self.statistics)(inner)
        return results

    def _together(self, call: Call) -> Outputs:
        kind, wide = self.api.layer_class("SyncBatchNorm"), widened(call)
        replicas = [self.make(kind, wide) for _ in shares(len(call.x))]
        results = passed(replicas, call.x, call.grad_output)
        means, variances = zip(*map(attrgetter(*self.statistics), replicas), strict=True)
        results["running_mean"], results["running_var"] = common(means), common(variances)
        return narrowed(results, call)


def _torch_layer(kind: Any, call: Call) -> Any:
    """Return a layer of `kind` with the arrays of `call`."""
    tracked = call.running_mean is not None
    if kind is torch_api.SyncBatchNorm and not (tracked or call.training):
        raise NotImplementedError("each rank has its own statistics in untracked inference")
    layer = kind(
        call.x.shape[1], call.eps, call.momentum, affine=False, track_running_stats=tracked
    )
    layer.weight, layer.bias = call.weight, call.bias
    layer.running_mean, layer.running_var = copy(call.running_mean), copy(call.running_var)
    return layer.train(call.training)


def _mindspore_layer(kind: Any, call: Call) -> Any:
    """Return a layer of `kind` with the arrays of `call`."""
    if call.running_mean is None or call.running_var is None:
        raise NotImplementedError("mindspore_api always has moving statistics")
    if (call.weight is None) != (call.bias is None):
        raise NotImplementedError("mindspore_api has both gamma and beta or neither")
    return kind(
        call.x.shape[1],
        eps=call.eps,
        momentum=call.momentum,
        affine=call.weight is not None,
        gamma_init="ones" if call.weight is None else call.weight,
        beta_init="zeros" if call.bias is None else call.bias,
        moving_mean_init=call.running_mean,
        moving_var_init=call.running_var,
        dtype=call.running_mean.dtype,
    ).set_train(call.training)


TORCH_API = LocalBackend(
    api=LocalAPI(
        module=torch_api,
        train=lambda layer, mode: layer.train(mode),
        saved=lambda layer: layer.state_dict(),
        load=lambda layer, state: layer.load_state_dict(state),
    ),
    make=_torch_layer,
    statistics=("running_mean", "running_var"),
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
)
MINDSPORE_API = LocalBackend(
    api=LocalAPI(
        module=mindspore_api,
        train=lambda layer, mode: layer.set_train(mode),
        saved=lambda layer: layer.parameters_dict(),
        load=mindspore_api.load_param_into_net,
    ),
    make=_mindspore_layer,
    statistics=("moving_mean", "moving_variance"),
    dialect="mindspore",
    dtypes=("float32", "float16"),
    sync_ranks=(2, 4),
)
