"""A layer as a record: its constructor's arguments, its mode, its state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.backends import Array, UsageError, did_you_mean
from bnparity.porting.translation.signatures import INITIALISED, Api, api_called, other, signature
from bnparity.porting.translation.state import (
    FRESH,
    State,
    checked_carried,
    checked_state,
    checkpoint_names,
    filled,
)
from bnparity.porting.translation.values import checked, constant


@dataclass(frozen=True, kw_only=True, eq=False)
class Layer:
    """The configuration of a BatchNorm layer of one API, in its normal form.

    Two layers that are the same have the same normal form: arguments that equal their defaults are
    left out; initialisers whose values are known are written out as state, and dropped where a
    state overwrites them.

    Two records compare by identity, for arrays have no one truth value.

    Parameters
    ----------
    api
        ``"torch"`` or ``"mindspore"``.
    kind
        ``"BatchNorm1d"``, ``"BatchNorm2d"``, ``"BatchNorm3d"`` or ``"SyncBatchNorm"``.
    arguments
        Of the constructor, by name; dtypes as names or as the framework's objects.
    training
        The mode, or None if nothing is said about it.
    state
        Arrays ``(num_features,)`` of the dtype in `arguments`, by attribute (``running_mean``,
        ``moving_mean``) or as a checkpoint names them; what is read is by attribute. For torch
        ``num_batches_tracked`` belongs to it, 0 if not given. None if nothing is said about it.
        The arrays are not copied.
    carried
        State of the API that this was translated from and that this one has no place for, kept for
        the way back: a ``num_batches_tracked`` other than 0.
    losses, notes
        What the translation to this layer lost, and what to do beside the constructor's call.

    Raises
    ------
    UsageError
        If the API has no such layer, or the layer no such argument, value or state.

    Examples
    --------
    >>> Layer(api="torch", kind="BatchNorm1d", arguments={"num_features": 4, "eps": 1e-5}).arguments
    {'num_features': 4}
    """

    api: Api
    kind: str
    arguments: Mapping[str, Any]
    training: bool | None = None
    state: State | None = None
    carried: State = field(default_factory=dict)
    losses: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        api_called(self.api)
        if not isinstance(self.training, bool | None):
            raise UsageError(f"training={self.training!r}: give True, False or None")
        given, state = _without_defaults(self.api, self.kind, self.arguments), self.state
        if state is None and self.api == "mindspore":
            state = _initialised(given)
        if state is not None:
            given = {name: value for name, value in given.items() if name not in INITIALISED}
            state = checked_state(self.api, self.kind, given, state)
        if self.carried and (self.api == "torch" or state is None):
            raise UsageError(
                f"carried={dict(self.carried)}: only a state of mindspore's carries any"
            )
        object.__setattr__(self, "arguments", given)
        object.__setattr__(self, "state", state)
        object.__setattr__(self, "carried", checked_carried(self.carried))

    def get(self, name: str) -> Any:
        """Return the value of an argument, given or by default."""
        default = signature(self.api, self.kind).parameters[name].default
        return self.arguments.get(name, default)

    def checkpoint(self) -> dict[str, Array]:
        """Return the state as ``state_dict`` or ``parameters_dict`` names it, empty for no state.

        MindSpore's names are those of a layer by itself; in a network it is ``bn1.moving_mean``.
        """
        names = checkpoint_names(self.api, self.kind)
        return {names[name]: array for name, array in (self.state or {}).items()}


def _without_defaults(api: Api, kind: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that count, in the order of the signature."""
    parameters = signature(api, kind).parameters
    for name in arguments:
        if name not in parameters:
            raise UsageError(f"{name}={arguments[name]!r}: {_unknown(name, api, kind)}")
    if "num_features" not in arguments:
        raise UsageError(f"num_features is missing: give {api}.nn.{kind} the number of channels")
    given = {name: checked(name, arguments[name]) for name in parameters if name in arguments}
    if given.get("affine") is False:
        given.pop("bias", None)  # there is none to leave out
    return {n: v for n, v in given.items() if not _is_default(n, v, parameters[n].default)}


def _unknown(name: str, api: Api, kind: str) -> str:
    known = signature(api, kind).parameters
    if name in signature(other(api), kind).parameters:
        return f"{api}.nn.{kind} has no such parameter, {other(api)}'s has: which of them is it?"
    hint = did_you_mean(name, known)
    return f"{api}.nn.{kind} has no such parameter{hint or ': it has ' + ', '.join(known)}"


def _is_default(name: str, value: object, default: Any) -> bool:
    if name == "num_features" or not isinstance(value, bool | float | str | None):
        return False
    return repr(value) == repr(checked(name, default))  # -0.0 is no 0.0


def _initialised(given: Mapping[str, Any]) -> State | None:
    """Return the state that the initialisers make, None if random, unsaid or of unknown size."""
    values = {INITIALISED[n]: constant(v) for n, v in given.items() if n in INITIALISED}
    size = given["num_features"]
    if not values or any(v is None for v in values.values()) or not isinstance(size, int):
        return None
    return filled({**FRESH, **values}, size, given.get("dtype", "float32"))
