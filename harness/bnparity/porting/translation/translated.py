"""From a layer of one API to the layer of the other that computes the same, or why there is none.

What stands in the way is told all at once, with what it would cost to go on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bnparity.backends import UsageError
from bnparity.porting.translation.layer import Layer
from bnparity.porting.translation.rules import RULES, Part
from bnparity.porting.translation.signatures import Api
from bnparity.porting.translation.state import COUNT, FRESH, NAMES, State, checked_carried, filled


@dataclass(frozen=True, kw_only=True)
class Obstacle:
    """An argument, as in a call, that the other API cannot express, and the reason.

    ``loss`` is what a translation loses that goes on all the same; empty where none can.
    """

    argument: str
    reason: str
    loss: str = ""

    def __str__(self) -> str:
        return f"{self.argument}: {self.reason}"


class Untranslatable(UsageError):
    """The other API cannot express a layer; ``obstacles`` are all the reasons."""

    def __init__(self, obstacles: Iterable[Obstacle]) -> None:
        self.obstacles = tuple(obstacles)
        reasons = "; ".join(map(str, self.obstacles))
        passable = all(obstacle.loss for obstacle in self.obstacles)
        remedy = " (to go on with a loss: --lossy, or lossy=True)" if passable else ""
        super().__init__(f"{reasons}{remedy}")


def translated(layer: Layer, to: Api, *, lossy: bool) -> Layer:
    """Return `layer` in the API `to`; what is raised, and when, `translate` says."""
    if layer.api == to:
        raise UsageError(f"{to}.nn.{layer.kind} is of {to} already: there is nothing to translate")
    parts = dict(_parts(layer))
    obstacles = [
        Obstacle(argument=argument, reason=part.reason, loss=part.loss)
        for argument, part in parts.items()
        if part.reason
    ]
    if any(not lossy or not obstacle.loss for obstacle in obstacles):
        raise Untranslatable(obstacles)
    arguments = {name: value for part in parts.values() for name, value in part.arguments.items()}
    state, carried = _state(layer, affine=arguments.get("affine", True))
    fixed = (part.training for part in parts.values() if part.training is not None)
    training = next(fixed, layer.training)
    return Layer(
        api=to,
        kind=layer.kind,
        arguments=arguments,
        training=training,
        state=state,
        carried=carried,
        losses=tuple(f"{obstacle.argument}: {obstacle.loss}" for obstacle in obstacles),
        notes=tuple(_notes(layer.kind, to, training, carried)),
    )


def _parts(layer: Layer) -> Iterator[tuple[str, Part]]:
    """Yield what becomes of each argument, as it stands in a call."""
    for name, rule in RULES.items():
        if name in layer.arguments:
            value = layer.arguments[name]
            argument = " ".join(f"{name}={value!r}".split())  # an array has many lines
            yield argument, rule if isinstance(rule, Part) else rule(layer, value)


def _state(layer: Layer, *, affine: bool) -> tuple[State | None, State]:
    """Return the state in the other API's names, and what that has no place for."""
    if layer.state is None:
        return None, {}
    state = dict(layer.state)
    if layer.api == "mindspore":
        names = NAMES if affine else ("running_mean", "running_var")
        return {**{name: state[NAMES[name]] for name in names}, **layer.carried}, {}
    carried = checked_carried({COUNT: state.pop(COUNT)} if COUNT in state else {})
    fresh = filled(FRESH, layer.get("num_features"), layer.get("dtype") or "float32")
    return {**fresh, **{NAMES[name]: array for name, array in state.items()}}, carried


def _notes(kind: str, to: Api, training: bool | None, carried: State) -> Iterator[str]:
    if training is None and to == "mindspore":
        yield "a new layer of mindspore's infers until set_train(), one of torch's trains at once"
    if training is None and to == "torch":
        yield "a new layer of torch's trains until eval(), one of mindspore's infers at once"
    if kind == "SyncBatchNorm" and to == "mindspore":
        yield "mindspore's SyncBatchNorm takes inputs of 2 and 4 axes only"
    for name, value in carried.items():
        yield f"{name}={value} has no place in mindspore: it counts only where momentum is None"
