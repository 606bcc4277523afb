"""From a layer of one API to the layer of the other that computes the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from bnparity.backends import UsageError
from bnparity.porting.translation.layer import Layer
from bnparity.porting.translation.obstacles import losses
from bnparity.porting.translation.rules import RULES
from bnparity.porting.translation.signatures import Api
from bnparity.porting.translation.state import State, to_mindspore, to_torch


def translated(layer: Layer, to: Api, *, lossy: bool) -> Layer:
    """Return `layer` in the API `to`.

    Raises
    ------
    Untranslatable
        For what `to` cannot express, or only with a loss while `lossy` is false.
    UsageError
        If `layer` is of that API already.
    """
    if layer.api == to:
        raise UsageError(f"{to}.nn.{layer.kind} is of {to} already: there is nothing to translate")
    parts = [rule(layer) for rule in RULES[layer.api]]
    lost = losses((obstacle for part in parts for obstacle in part.obstacles), lossy=lossy)
    arguments = {name: value for part in parts for name, value in part.arguments.items()}
    state, carried = _state(layer, arguments)
    modes = [part.training for part in parts if part.training is not None]
    training = modes[0] if modes else layer.training
    return Layer(
        api=to,
        kind=layer.kind,
        arguments=arguments,
        training=training,
        state=state,
        carried=carried,
        losses=lost,
        notes=tuple(_notes(layer.kind, to, training, carried)),
    )


def _state(layer: Layer, arguments: Mapping[str, Any]) -> tuple[State | None, State]:
    if layer.state is None:
        return None, {}
    if layer.api == "mindspore":
        affine = arguments.get("affine", True)
        return to_torch(layer.state, layer.carried, affine=affine), {}
    dtype = layer.get("dtype") or "float32"
    return to_mindspore(layer.state, layer.get("num_features"), dtype)


def _notes(kind: str, to: Api, training: bool | None, carried: State) -> Iterator[str]:
    if training is None and to == "mindspore":
        yield "a new layer of mindspore's infers until set_train(), one of torch's trains at once"
    if training is None and to == "torch":
        yield "a new layer of torch's trains until eval(), one of mindspore's infers at once"
    if kind == "SyncBatchNorm" and to == "mindspore":
        yield "mindspore's SyncBatchNorm takes inputs of 2 and 4 axes only"
    for name, value in carried.items():
        yield f"{name}={value} has no place in mindspore: it counts only where momentum is None"
