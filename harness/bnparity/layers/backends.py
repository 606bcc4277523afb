"""The local layers of both APIs, judged like any backend: by themselves, or as ranks of a batch."""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import Any

import numpy as np

from bnparity.backends import Array, Call, Outputs, takes_call
from bnparity.layers import torch_api
from bnparity.layers.local_apis import MINDSPORE, TORCH, LocalAPI
from bnparity.layers.shards import common, narrowed, passed, shares, widened

_KINDS = {2: "BatchNorm1d", 3: "BatchNorm1d", 4: "BatchNorm2d", 5: "BatchNorm3d"}


@dataclass(frozen=True, kw_only=True)
class LocalBackend:
    """A layer of `api` made for each call; if `sync`, replicas of SyncBatchNorm that share it.

    `make` returns a layer of a class, with the arrays of a call; `statistics` its running mean and
    variance. `ranks` are the numbers of axes it takes, and `sync_ranks` those of SyncBatchNorm.
    """

    api: LocalAPI
    make: Callable[[Any, Call], Any]
    statistics: Callable[[Any], tuple[Array | None, Array | None]]
    dialect: str
    dtypes: tuple[str, ...]
    ranks: tuple[int, ...] = (2, 3, 4, 5)
    sync_ranks: tuple[int, ...] = (2, 3, 4, 5)
    degenerate: bool = True
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
        layer = self.make(self.api.layer_class(_KINDS[call.x.ndim]), call)
        results = self.api.call(layer, call.x, call.grad_output)
        results["running_mean"], results["running_var"] = self.statistics(layer)
        return results

    def _together(self, call: Call) -> Outputs:
        kind, wide = self.api.layer_class("SyncBatchNorm"), widened(call)
        replicas = [self.make(kind, wide) for _ in shares(len(call.x))]
        results = passed(replicas, call.x, call.grad_output)
        means, variances = zip(*map(self.statistics, replicas), strict=True)
        results["running_mean"], results["running_var"] = common(means), common(variances)
        return narrowed(results, call)


def _torch_layer(kind: Any, call: Call) -> Any:
    """Return a layer of `kind` with the arrays of `call`."""
    tracked = call.running_mean is not None
    if kind is torch_api.SyncBatchNorm and not (tracked or call.training):
        raise NotImplementedError("each rank has its own statistics in untracked inference")
    layer = kind(
        call.x.shape[1],
        eps=call.eps,
        momentum=call.momentum,
        affine=False,
        track_running_stats=tracked,
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


def _moving_statistics(layer: Any) -> tuple[Array | None, Array | None]:
    """Return those of the layer that holds the state: BatchNorm3d wraps a BatchNorm2d."""
    inner = getattr(layer, "bn2d", layer)
    return inner.moving_mean, inner.moving_variance


TORCH_API = LocalBackend(
    api=TORCH,
    make=_torch_layer,
    statistics=attrgetter("running_mean", "running_var"),
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
)
MINDSPORE_API = LocalBackend(
    api=MINDSPORE,
    make=_mindspore_layer,
    statistics=_moving_statistics,
    dialect="mindspore",
    dtypes=("float32", "float16"),
    sync_ranks=(2, 4),
)
