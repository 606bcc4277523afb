"""What no checkpoint has and the code of the target has to say: eps, momentum and mode."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType

import numpy as np

from bnparity.backends import UsageError
from bnparity.cases import FRAMEWORKS
from bnparity.porting.checkpoints.plan import Port, PortedNorm
from bnparity.porting.translation import translate
from bnparity.porting.translation.rules import complement, nearest

#: The conventions that eps, momentum and mode set, or that tell of calls that no model makes.
_SET = ("momentum", "momentum_none", "empty_batch", "single_value")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of a layer in the source and in the target, each as its framework means them."""

    eps: float
    momentum: float
    target_momentum: float


def settings_of(
    port: Port, ported: PortedNorm, *, eps: float | None, momentum: float | None
) -> Settings:
    """Return the settings of a layer: as the user says, as its file says, or by default.

    Raises
    ------
    UsageError
        If the momentum is no number from 0 to 1.
    """
    declared = FRAMEWORKS[port.source.framework]
    said = port.source.said.get(ported.norm.layer, {})
    own = said.get("momentum", declared.default_momentum) if momentum is None else momentum
    if not 0 <= own <= 1:
        where = "--momentum" if momentum is not None else f"{ported.norm.layer} says momentum"
        raise UsageError(f"{where} {own:g}: give a --momentum from 0 to 1")
    return Settings(
        eps=said.get("eps", declared.default_eps) if eps is None else eps,
        momentum=own,
        target_momentum=_momentum(own, port.source.framework, port.to),
    )


def _momentum(momentum: float, framework: str, to: str) -> float:
    """Return a momentum as the other framework means it."""
    if FRAMEWORKS[framework].dialect.momentum == FRAMEWORKS[to].dialect.momentum:
        return momentum
    exact = complement(momentum)
    return nearest(momentum) if exact is None else exact


def code_of(port: Port, ported: PortedNorm, settings: Settings) -> str:
    """Return the call of the constructor that the target's model needs for a layer."""
    return _CODE[port.to](ported, settings)


def _of_torch(ported: PortedNorm, settings: Settings) -> str:
    return _of_modules("torch", "mindspore", ported, settings)


def _of_mindspore(ported: PortedNorm, settings: Settings) -> str:
    return _of_modules("mindspore", "torch", ported, settings)


def _of_modules(framework: str, other: str, ported: PortedNorm, settings: Settings) -> str:
    """Return the call of a framework whose layers `translate` knows; it refuses what is none."""
    kind, channels = ported.norm.kind or "BatchNorm2d", ported.norm.channels
    told = f"eps={settings.eps!r}, momentum={settings.target_momentum!r}"
    affine = "" if _has(ported, "weight") or _has(ported, "bias") else ", affine=False"
    call = f"{framework}.nn.{kind}({channels}, {told}{affine})"
    translate(call, to=other, lossy=True)
    return call


def _of_keras(ported: PortedNorm, settings: Settings) -> str:
    told = f"momentum={settings.target_momentum!r}, epsilon={settings.eps!r}"
    return f"keras.layers.BatchNormalization({told}{_without(ported, 'scale', 'center')})"


def _of_flax(ported: PortedNorm, settings: Settings) -> str:
    told = f"momentum={settings.target_momentum!r}, epsilon={settings.eps!r}"
    return f"flax.linen.BatchNorm({told}{_without(ported, 'use_scale', 'use_bias')})"


def _of_onnx(_: PortedNorm, settings: Settings) -> str:
    takes = ", ".join(f'"{name}"' for name in ("X", "scale", "B", "input_mean", "input_var"))
    told = f"epsilon={settings.eps!r}, momentum={settings.target_momentum!r}"
    return f'onnx.helper.make_node("BatchNormalization", [{takes}], ["Y"], {told})'


def _of_caffe(ported: PortedNorm, settings: Settings) -> str:
    told = f"moving_average_fraction: {settings.target_momentum!r} eps: {settings.eps!r}"
    scale = ' layer { type: "Scale" scale_param { bias_term: true } }'
    affine = scale if _has(ported, "weight") or _has(ported, "bias") else ""
    return f'layer {{ type: "BatchNorm" batch_norm_param {{ {told} }} }}{affine}'


def _has(ported: PortedNorm, ours: str) -> bool:
    return ours in ported.names


def _without(ported: PortedNorm, scale: str, bias: str) -> str:
    """Return the arguments that say which parameters a layer has not."""
    flags = {scale: _has(ported, "weight"), bias: _has(ported, "bias")}
    return "".join(f", {name}=False" for name, has in flags.items() if not has)


#: What writes the code of each framework that a checkpoint is ported to.
_CODE: Mapping[str, Callable[[PortedNorm, Settings], str]] = MappingProxyType(
    {
        "torch": _of_torch,
        "mindspore": _of_mindspore,
        "keras": _of_keras,
        "flax": _of_flax,
        "onnx": _of_onnx,
        "caffe": _of_caffe,
    }
)


def conventions_apart(framework: str, to: str) -> Iterator[tuple[str, object, object]]:
    """Yield each convention that no argument sets, where the two frameworks differ, with both."""
    one, other = FRAMEWORKS[framework].dialect, FRAMEWORKS[to].dialect
    for name in (field.name for field in fields(one)):
        here, there = getattr(one, name), getattr(other, name)
        if here != there and name not in _SET:
            yield name, here, there


def said_otherwise(port: Port, settings: Mapping[str, Settings]) -> Iterator[str]:
    """Yield each setting that the file of a given target says otherwise, with the layers."""
    layers: dict[str, list[str]] = {}
    for ported in port.norms:
        own = settings[ported.norm.layer]
        ours = {"eps": own.eps, "momentum": own.target_momentum}
        for name, there in port.said.get(ported.layer, {}).items():
            if np.float32(there) != np.float32(ours[name]):  # a file may hold it in float32
                told = f"{name} is {there:g} in --like, and has to be {ours[name]:g}"
                layers.setdefault(told, []).append(ported.layer or "the layer")
    yield from (f"{told}: {', '.join(names)}" for told, names in layers.items())


def notes_of(port: Port) -> Iterator[str]:
    """Yield what else the target's code has to know."""
    if port.by_order:
        yield (
            f"put together by shape and order alone, for no name says it: "
            f"{', '.join(port.by_order)}; look at the table, or ask bnparity compare-models"
        )
    here, there = FRAMEWORKS[port.source.framework].starts_in, FRAMEWORKS[port.to].starts_in
    if here != there:
        yield (
            f"mode: a new layer of {port.source.framework}'s is in {here}, one of {port.to}'s "
            f"in {there}: say the mode"
        )
    for name, ours, theirs in conventions_apart(port.source.framework, port.to):
        both = f"{ours} in {port.source.framework}, {theirs} in {port.to}"
        yield f"{name}: {both}; no argument sets it"
