"""BatchNorm as each framework documents it: a plain function of NumPy, in float64.

Nothing is taken from the oracle or from the table of frameworks: the tests hold the two together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kernel = Callable[..., dict[str, Array | None]]


def _biased(_: int) -> float:
    return 1.0


def _unbiased(n: int) -> float:
    return n / (n - 1) if n > 1 else np.nan


def _clamped(n: int) -> float:
    return n / max(n - 1, 1)


def _blended(old: Array, new: Array, kept: float) -> Array:
    return kept * old + (1.0 - kept) * new


def _summed(old: Array, new: Array, kept: float) -> Array:
    return kept * old + new


def _first(_: Array, new: Array, __: float) -> Array:
    return new


def _debiased(old: Array, new: Array, kept: float) -> Array:
    return new if kept < 1.0 else old


def _inside(var: Array, eps: float) -> Array:
    return np.sqrt(var + eps)


def _outside(var: Array, eps: float) -> Array:
    return np.sqrt(var) + eps


def _as_given(momentum: float, eps: float) -> tuple[float, float]:
    return momentum, eps


def _in_float32(momentum: float, eps: float) -> tuple[float, float]:
    return float(np.float32(momentum)), float(np.float32(eps))


def _constant(*_: float) -> tuple[float, float]:
    return 0.01, 1e-6


@dataclass(frozen=True, kw_only=True)
class Port:
    """What a framework's documentation says of its layer.

    ``old_weight`` says whether momentum weighs the old average, ``bessel`` what the batch's
    variance is multiplied by on its way into the running one, given n, and ``normalizing`` the
    same for that which normalises. ``moved`` returns a running average from the old one, the
    batch's value and the weight of the old one. ``denominator`` is made of variance and eps. The
    batch of an empty call enters the averages as NaN if it ``updates_on_nothing``.
    """

    old_weight: bool
    bessel: Callable[[int], float] = _biased
    normalizing: Callable[[int], float] = _biased
    moved: Callable[[Array, Array, float], Array] = _blended
    denominator: Callable[[Array, float], Array] = _inside
    settings: Callable[[float, float], tuple[float, float]] = _as_given
    by_running: bool = False
    passes_single: bool = False
    refuses_single: bool = False
    updates_on_nothing: bool = True


#: What each framework documents.
PORTS: Mapping[str, Port] = {
    "torch": Port(
        old_weight=False, bessel=_unbiased, refuses_single=True, updates_on_nothing=False
    ),
    "mindspore": Port(old_weight=True, bessel=_unbiased),
    "keras": Port(old_weight=True),
    "keras2-fused": Port(old_weight=True, bessel=_clamped),
    "flax": Port(old_weight=True),
    "equinox": Port(old_weight=True, moved=_first, by_running=True),
    "haiku": Port(old_weight=True, moved=_debiased),
    "tensorflow": Port(old_weight=False, bessel=_clamped),
    "paddle": Port(
        old_weight=True, settings=_in_float32, passes_single=True, updates_on_nothing=False
    ),
    "onnx": Port(old_weight=True, settings=_in_float32),
    "mxnet": Port(old_weight=True),
    "caffe": Port(old_weight=True, bessel=_unbiased, moved=_summed),
    "darknet": Port(
        old_weight=False,
        bessel=_unbiased,
        normalizing=_unbiased,
        denominator=_outside,
        settings=_constant,
    ),
    "mlx": Port(old_weight=False, bessel=_unbiased, refuses_single=True),
    "tinygrad": Port(old_weight=False, bessel=_unbiased),
    "tvm": Port(old_weight=False),
    "cudnn": Port(old_weight=False, bessel=_unbiased),
}


def ported(port: Port) -> Kernel:
    """Return a plain function without gradients that does what a framework documents."""

    @np.errstate(all="ignore")  # of nothing, and of one value, NaN may be the answer
    def batch_norm(
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
        rows = np.moveaxis(x, 1, 0).reshape(x.shape[1], -1).astype(np.float64)
        n, from_batch = rows.shape[1], training or running_mean is None
        if port.refuses_single and from_batch and n == 1:
            raise ValueError("one value a channel has no statistics to train on")
        momentum, eps = port.settings(momentum, eps)
        mean, var = _moments(rows)
        results: dict[str, Array | None] = {
            "running_mean": running_mean,
            "running_var": running_var,
        }
        used = mean, var * port.normalizing(n)
        if running_mean is not None and running_var is not None:
            after = old = running_mean.astype(np.float64), running_var.astype(np.float64)
            passed = port.passes_single and n == 1
            if training and not passed and (n or port.updates_on_nothing):
                kept = momentum if port.old_weight else 1.0 - momentum
                new = mean, var * port.bessel(n)
                after = (port.moved(old[0], new[0], kept), port.moved(old[1], new[1], kept))
                results["running_mean"] = after[0].astype(running_mean.dtype)
                results["running_var"] = after[1].astype(running_var.dtype)
            used = (after if port.by_running else used) if training else old
        normalized = (rows - used[0][:, None]) / port.denominator(used[1], eps)[:, None]
        w = 1.0 if weight is None else weight.astype(np.float64)[:, None]
        b = 0.0 if bias is None else bias.astype(np.float64)[:, None]
        y = rows if port.passes_single and from_batch and n == 1 else w * normalized + b
        shape = (x.shape[1], x.shape[0], *x.shape[2:])
        results["output"] = np.ascontiguousarray(np.moveaxis(y.reshape(shape), 0, 1)).astype(
            x.dtype
        )
        return results

    return batch_norm


def _moments(rows: Array) -> tuple[Array, Array]:
    mean = rows.sum(axis=1) / rows.shape[1] if rows.shape[1] else np.full(len(rows), np.nan)
    centred = rows - mean[:, None]
    return mean, (centred * centred).sum(axis=1) / max(rows.shape[1], 1) + 0.0 * mean
