"""What no checkpoint has and the code of the target has to say: eps, momentum and mode."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from math import isclose

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
    """Return the settings of a layer: as its file says, as the user says, or by default."""
    declared = FRAMEWORKS[port.source.framework]
    said = port.source.said.get(ported.norm.layer, {})
    own = said.get("momentum", declared.default_momentum) if momentum is None else momentum
    return Settings(
        eps=said.get("eps", declared.default_eps) if eps is None else eps,
        momentum=own,
        target_momentum=_momentum(own, port.source.framework, port.to),
    )


def _momentum(momentum: float, framework: str, to: str) -> float:
    """Return a momentum as the other framework means it."""
    if not 0 <= momentum <= 1:
        raise UsageError(f"--momentum {momentum:g}: give a number from 0 to 1")
    if FRAMEWORKS[framework].dialect.momentum == FRAMEWORKS[to].dialect.momentum:
        return momentum
    exact = complement(momentum)
    return nearest(momentum) if exact is None else exact


def code_of(port: Port, ported: PortedNorm, settings: Settings) -> str:
    """Return the call of the constructor that the target's model needs for a layer."""
    channels, momentum, eps = ported.norm.channels, settings.target_momentum, settings.eps
    has = {ours: ours in ported.names for ours in ("weight", "bias")}
    if port.to in ("torch", "mindspore"):
        kind = ported.norm.kind or "BatchNorm2d"
        affine = "" if any(has.values()) else ", affine=False"
        call = f"{port.to}.nn.{kind}({channels}, eps={eps!r}, momentum={momentum!r}{affine})"
        translate(call, to="mindspore" if port.to == "torch" else "torch", lossy=True)
        return call
    if port.to == "keras":
        flags = _flags({"scale": has["weight"], "center": has["bias"]})
        return f"keras.layers.BatchNormalization(momentum={momentum!r}, epsilon={eps!r}{flags})"
    if port.to == "onnx":
        takes = ", ".join(f'"{name}"' for name in ("X", "scale", "B", "input_mean", "input_var"))
        told = f"epsilon={eps!r}, momentum={momentum!r}"
        return f'onnx.helper.make_node("BatchNormalization", [{takes}], ["Y"], {told})'
    if port.to == "caffe":
        told = f"moving_average_fraction: {momentum!r} eps: {eps!r}"
        scale = (
            ' layer { type: "Scale" scale_param { bias_term: true } }' if any(has.values()) else ""
        )
        return f'layer {{ type: "BatchNorm" batch_norm_param {{ {told} }} }}{scale}'
    flags = _flags({"use_scale": has["weight"], "use_bias": has["bias"]})
    return f"flax.linen.BatchNorm(momentum={momentum!r}, epsilon={eps!r}{flags})"


def _flags(having: Mapping[str, bool]) -> str:
    return "".join(f", {name}=False" for name, has in having.items() if not has)


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
            if not isclose(there, ours[name], rel_tol=1e-6):
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
