"""The local SyncBatchNorm of both APIs, judged like any backend: the batch split over ranks.

Ranks are replicas in this process, of unequal shards and one without any. What they return is put
together again, and has to be what the whole batch gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.backends import Call, Outputs, takes_call

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class SyncTorchLayer:
    """Replicas of `bnparity.layers.torch_api.SyncBatchNorm`, made for each call."""

    dialect: str = "torch"
    dtypes: tuple[str, ...] = ("float32", "float64", "float16", "bfloat16")
    degenerate: bool = True

    def probe(self) -> dict[str, str]:
        """Return the version of NumPy, and the device."""
        return {"version": np.__version__, "device": "cpu"}

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results of layers made for this call.

        Raises
        ------
        NotImplementedError
            For inference without running statistics: each rank then has its own.
        """
        from bnparity.layers import torch_api as api

        if not call.training and call.running_mean is None:
            raise NotImplementedError("each rank has its own statistics in untracked inference")
        replicas = []
        for _ in shares(len(call.x)):
            layer = api.SyncBatchNorm(
                call.x.shape[1],
                eps=call.eps,
                momentum=call.momentum,
                affine=False,
                track_running_stats=call.running_mean is not None,
            )
            layer.weight, layer.bias = _widened(call.weight), _widened(call.bias)
            layer.running_mean, layer.running_var = (
                _widened(call.running_mean),
                _widened(call.running_var),
            )
            replicas.append(layer.train(call.training))
        results = passed(replicas, call.x, call.grad_output)
        results["running_mean"] = common([layer.running_mean for layer in replicas])
        results["running_var"] = common([layer.running_var for layer in replicas])
        return _narrowed(results, call.weight, call.bias, call.running_mean)


@dataclass(frozen=True, kw_only=True)
class SyncMindSporeLayer:
    """Replicas of `bnparity.layers.mindspore_api.SyncBatchNorm`, made for each call."""

    dialect: str = "mindspore"
    dtypes: tuple[str, ...] = ("float32", "float16")
    ranks: tuple[int, ...] = (2, 4)
    degenerate: bool = True

    def probe(self) -> dict[str, str]:
        """Return the version of NumPy, and the device."""
        return {"version": np.__version__, "device": "cpu"}

    @takes_call
    def __call__(self, call: Call) -> Outputs:
        """Return the results of layers made for this call.

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
        kind: Any = api.SyncBatchNorm  # which refuses a momentum of None itself
        replicas = [
            kind(
                call.x.shape[1],
                eps=call.eps,
                momentum=call.momentum,
                affine=call.weight is not None,
                gamma_init="ones" if call.weight is None else _widened(call.weight),
                beta_init="zeros" if call.bias is None else _widened(call.bias),
                moving_mean_init=_widened(call.running_mean),
                moving_var_init=_widened(call.running_var),
            ).set_train(call.training)
            for _ in shares(len(call.x))
        ]
        results = passed(replicas, call.x, call.grad_output)
        results["running_mean"] = common([layer.moving_mean for layer in replicas])
        results["running_var"] = common([layer.moving_variance for layer in replicas])
        return _narrowed(results, call.weight, call.bias, call.running_mean)


def shares(n: int) -> list[int]:
    """Return how many of `n` samples each rank gets: unequal numbers, and none for one of them.

    Examples
    --------
    >>> shares(6), shares(1)
    ([3, 0, 2, 1], [0, 0, 0, 1])
    """
    return [n // 2, 0, n // 3, n - n // 2 - n // 3]


def passed(replicas: Sequence[Any], x: Array, grad_output: Array | None) -> dict[str, Array | None]:
    """Return the output of `replicas` for the whole ``x`` (N, C, *spatial), and the gradients."""
    from bnparity.layers import ranks

    results: dict[str, Array | None] = {}
    results["output"] = np.concatenate(ranks.forward(replicas, _split(x)))
    if grad_output is not None:
        gradients = ranks.backward(replicas, _split(grad_output))
        results["grad_input"] = np.concatenate([found.grad_input for found in gradients])
        results["grad_weight"] = _added([found.grad_weight for found in gradients])
        results["grad_bias"] = _added([found.grad_bias for found in gradients])
    return results


def common(statistics: Sequence[Array | None]) -> Array | None:
    """Return what all ranks have, ``(C,)``.

    Raises
    ------
    RuntimeError
        If they do not all have the same.
    """
    first, *others = statistics
    for rank, other in enumerate(others, start=1):
        if (first is None) != (other is None) or (
            first is not None and other is not None and first.tobytes() != other.tobytes()
        ):
            raise RuntimeError(f"rank {rank} has other running statistics than rank 0")
    return first


def _split(x: Array) -> list[Array]:
    ends = accumulate(shares(len(x)), initial=0)
    return [x[start:end] for start, end in pairwise(ends)]


def _added(parts: Sequence[Array | None]) -> Array | None:
    present = [part for part in parts if part is not None]
    return sum(present[1:], start=present[0]) if present else None


def _widened(array: Array | None) -> Array | None:
    """Return a copy, of halves in float32: what is to be added up is not rounded to halves first.

    One verdict is on the sum, so only that may be as coarse as its format.
    """
    if array is None:
        return None
    return array.astype(np.result_type(array.dtype, np.float32))


def _narrowed(
    results: dict[str, Array | None],
    weight: Array | None,
    bias: Array | None,
    statistic: Array | None,
) -> dict[str, Array | None]:
    """Return `results` in the formats of the parameters and the statistics that were given."""
    likes = {"grad_weight": weight, "grad_bias": bias}
    likes |= {"running_mean": statistic, "running_var": statistic}
    for name, like in likes.items():
        found = results.get(name)
        if found is not None and like is not None:
            results[name] = found.astype(like.dtype)
    return results
