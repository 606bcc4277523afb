"""How each argument is said in the other API, and which cannot be.

A rule reads a layer and returns a part of the translation. What both APIs share is checked against
MindSpore, the narrower of the two, in both directions: what one way refuses has no way back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np

from bnparity.porting.translation.layer import Layer
from bnparity.porting.translation.momentum import complement, nearest
from bnparity.porting.translation.obstacles import Obstacle
from bnparity.porting.translation.signatures import INITIALISED
from bnparity.porting.translation.values import constant


@dataclass(frozen=True, kw_only=True)
class Part:
    """Arguments of the translated layer, and what stands in the way.

    ``training`` fixes the mode of the translated layer; None leaves it as it is.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    obstacles: tuple[Obstacle, ...] = ()
    training: bool | None = None


Rule: TypeAlias = Callable[[Layer], Part]


def _obstacle(layer: Layer, name: str, reason: str, loss: str = "") -> tuple[Obstacle, ...]:
    argument = " ".join(f"{name}={layer.get(name)!r}".split())  # an array has many lines
    return (Obstacle(argument=argument, reason=reason, loss=loss),)


def _size(layer: Layer) -> Part:
    return Part(arguments={"num_features": layer.get("num_features")})


def _eps(layer: Layer) -> Part:
    eps = layer.get("eps")
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(eps)
    if 0 < single <= 1:
        return Part(arguments={"eps": eps})
    reason = "mindspore takes an eps above 0 and up to 1, rounded to float32"
    return Part(obstacles=_obstacle(layer, "eps", reason))


def _momentum(layer: Layer) -> Part:
    momentum = layer.get("momentum")
    if momentum is None:
        reason = "mindspore has no average over all batches, only a fixed momentum"
        return Part(obstacles=_obstacle(layer, "momentum", reason))
    if not 0 <= momentum <= 1:
        reason = "mindspore takes a momentum from 0 to 1"
        return Part(obstacles=_obstacle(layer, "momentum", reason))
    translated = complement(momentum)
    if translated is not None:
        return Part(arguments={"momentum": translated})
    rounded = nearest(momentum)
    reason = f"1 - momentum is {rounded!r} in floats, and so is 1 - {nearest(rounded)!r}"
    loss = f"becomes {rounded!r}, as {nearest(rounded)!r} does"
    return Part(
        arguments={"momentum": rounded}, obstacles=_obstacle(layer, "momentum", reason, loss)
    )


def _dtype(layer: Layer) -> Part:
    dtype = layer.get("dtype") or "float32"
    if dtype == "float16":
        reason = "mindspore never moves float16 statistics on the CPU, torch does"
        loss = "in training the statistics of one layer move and those of the other do not"
        return Part(arguments={"dtype": dtype}, obstacles=_obstacle(layer, "dtype", reason, loss))
    if dtype != "float32":
        reason = "mindspore's BatchNorm computes in float16 and float32 only"
        return Part(obstacles=_obstacle(layer, "dtype", reason))
    return Part()


def _affine(layer: Layer) -> Part:
    if layer.get("affine"):
        return Part()
    if _neutral(layer):
        return Part(arguments={"affine": False})
    reason = "torch's layer then has neither weight nor bias, but gamma or beta are not 1 and 0"
    loss = "weight and bias can be trained: call requires_grad_(False) on both"
    return Part(obstacles=_obstacle(layer, "affine", reason, loss))


def _neutral(layer: Layer) -> bool:
    """Return whether gamma and beta, if there are any, are those of a new layer to the bit."""
    state = layer.state or {}
    beta = state.get("beta", np.zeros(1))
    fresh = not {"gamma_init", "beta_init"} & set(layer.arguments)
    ones = bool(np.all(state.get("gamma", np.ones(1)) == 1))
    return fresh and ones and not np.any(beta) and not np.any(np.signbit(beta))


def _bias(layer: Layer) -> Part:
    if layer.get("bias"):
        return Part()
    reason = "mindspore's layer always has a beta"
    loss = "there is a beta that can be trained: set beta.requires_grad = False"
    return Part(obstacles=_obstacle(layer, "bias", reason, loss))


def _tracking(layer: Layer) -> Part:
    if layer.get("track_running_stats"):
        return Part()
    reason = "mindspore's layer always has moving statistics, in training and in inference"
    loss = "use_batch_statistics=True normalises alike, but has moving statistics and moves them"
    return Part(
        arguments={"use_batch_statistics": True},
        obstacles=_obstacle(layer, "track_running_stats", reason, loss),
    )


def _statistics(layer: Layer) -> Part:
    always = layer.get("use_batch_statistics")
    if always is None:
        return Part()
    reason = f"mindspore's layer then {'trains' if always else 'infers'} in either mode"
    mode = "train()" if always else "eval()"
    loss = f"torch's layer follows its mode: keep it in {mode}"
    return Part(training=always, obstacles=_obstacle(layer, "use_batch_statistics", reason, loss))


def _device(layer: Layer) -> Part:
    if layer.get("device") is None:
        return Part()
    reason = "mindspore's layer has no device of its own"
    loss = "the device is that of mindspore.set_context"
    return Part(obstacles=_obstacle(layer, "device", reason, loss))


def _layout(layer: Layer) -> Part:
    if layer.kind not in ("BatchNorm1d", "BatchNorm2d") or layer.get("data_format") == "NCHW":
        return Part()
    reason = "torch takes channels on axis 1 only"
    loss = "permute the input to NCHW, and the output back"
    return Part(obstacles=_obstacle(layer, "data_format", reason, loss))


def _groups(layer: Layer) -> Part:
    name = "process_group" if layer.api == "torch" else "process_groups"
    if layer.kind != "SyncBatchNorm" or layer.get(name) is None:
        return Part()
    reason = "torch takes a group of its own making, mindspore lists of ranks"
    loss = "all ranks are one group"
    return Part(obstacles=_obstacle(layer, name, reason, loss))


def _initialisers(layer: Layer) -> Part:
    """Refuse what did not become state: it is random, or its size is not known."""
    return Part(
        obstacles=tuple(
            obstacle
            for name in INITIALISED
            if name in layer.arguments
            for obstacle in _obstacle(layer, name, *_unsaid(layer.arguments[name]))
        )
    )


def _unsaid(initialiser: object) -> tuple[str, str]:
    kind = "random" if constant(initialiser) is None else "constant"
    reason = "torch's constructor has no initialisers"
    return reason, f"the {kind} values are not set: use torch.nn.init"


_SHARED: tuple[Rule, ...] = (_size, _eps, _momentum, _affine, _dtype, _groups)

#: The rules for a layer of each API, to the other.
RULES: Mapping[str, tuple[Rule, ...]] = {
    "torch": (*_SHARED, _bias, _tracking, _device),
    "mindspore": (*_SHARED, _statistics, _layout, _initialisers),
}
