"""Saving and loading the state of a layer, as ``torch.nn.Module`` does."""

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from bnparity.layers.formats import Array

#: PyTorch's name and version for states that have a num_batches_tracked.
_METADATA, _VERSION, _COUNT = "_metadata", 2, "num_batches_tracked"


class IncompatibleKeys(NamedTuple):
    """The names that only the layer has, and those that only the state has."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def saved(named: Iterable[tuple[str, Array]]) -> OrderedDict[str, Array]:
    """Return a state that says how old it is: see `load`."""
    state = OrderedDict(named)
    setattr(state, _METADATA, OrderedDict({"": {"version": _VERSION}}))
    return state


def load(
    layer: str, own: Mapping[str, Array], state: Mapping[str, Array], *, strict: bool, counts: bool
) -> IncompatibleKeys:
    """Copy the arrays of `state` into the layer's `own`; return the names that do not match.

    A state without metadata may be older than num_batches_tracked. A layer that is told to count
    takes its own count for that of the state, or 0, even if it has none and refuses it then.
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"state_dict is of type {type(state).__name__}: give names and arrays")
    metadata = getattr(state, _METADATA, {}).get("", {})
    if counts and int(metadata.get("version", 1)) < _VERSION:
        state = {_COUNT: own.get(_COUNT, np.array(0)), **state}
    missing = [name for name in own if name not in state]
    unexpected = [name for name in state if name not in own]
    wrong = [w for name in own if name in state and (w := _copied(name, own[name], state[name]))]
    if strict:
        wrong += [f"{name} is missing in state_dict" for name in missing]
        wrong += [f"{name} is unexpected: the layer has {', '.join(own)}" for name in unexpected]
    if wrong:
        raise RuntimeError(f"state_dict does not fit {layer}: {'; '.join(wrong)}")
    return IncompatibleKeys(missing, unexpected)


def _copied(name: str, own: Array, value: Any) -> str:
    """Copy `value` into `own`, or return what is wrong with it."""
    if not isinstance(value, np.ndarray):
        return f"{name} is of type {type(value).__name__}: give an array"
    if own.ndim == 0 and value.shape == (1,):
        value = value[0]  # how counts were saved before they had no axis
    if value.shape != own.shape:
        return f"{name} has shape {value.shape}: give {own.shape}"
    own[...] = value
    return ""
