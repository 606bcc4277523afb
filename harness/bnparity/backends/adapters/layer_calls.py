"""A layer answers calls: each has a layer of its own, given the call's state and settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bnparity.backends.adapters.framework import Framework, Given, as_array
from bnparity.backends.adapters.source import Source
from bnparity.backends.adapters.told import STATE
from bnparity.backends.call import OUTPUT_LIKE, Array, Call, Outputs

#: What stands for parameters that a call has not, where a layer always has them.
_NEUTRAL = {"weight": 1, "bias": 0}
#: Sizes of all axes but the channels', each another: what is mixed up does not fit.
_SIZES = (7, 4, 5, 6)


@dataclass(frozen=True, kw_only=True)
class LayerCalls:
    """Layers of a framework from a source; `paths` says where they keep what we have a name for."""

    framework: Framework
    source: Source
    paths: Mapping[str, str]

    def answer(self, call: Call) -> Outputs:
        """Return what a layer made for a call makes of it."""
        return self.of_layer(self.layer(call), self._given(call), call)

    def of_layer(self, layer: Any, given: Given, call: Call) -> Outputs:
        """Return what a layer makes of the data of a call, with the arrays `given` in it first."""
        last = self.framework.channels_last
        asked = _channels_last(call) if last else call
        outputs = self.framework.called(layer, self.paths, given, asked)
        for name in ("output", "grad_input") if last else ():
            if (array := outputs.get(name)) is not None:
                outputs[name] = np.moveaxis(array, -1, 1)
        _decline_mixed(outputs, call)
        return {name: _flat(name, array) for name, array in outputs.items()}

    def kept(self, layer: Any, call: Call) -> tuple[dict[str, Array], Any]:
        """Return what a layer keeps that we have a name for, and its state: None if it has it."""
        x = _channels_last(call).x if self.framework.channels_last else call.x
        kept = self.framework.kept(layer, x)
        named = {ours: as_array(kept[path]).ravel() for ours, path in self.paths.items()}
        return named, kept if self.framework.stateful else None

    def layer(self, call: Call) -> Any:
        """Return a layer made for a call, told its settings."""
        settings = {"eps": call.eps, "momentum": call.momentum}
        offered = self.framework.offered({n for n in STATE if getattr(call, n) is not None})
        made = self.source.layer(call.x.shape[1], settings | offered)
        left = {name: value for name, value in settings.items() if not self.source.takes(name)}
        return self.framework.told(made, left)[0]

    def _given(self, call: Call) -> dict[str, Array]:
        """Return the state for the layer, neutral where the call has none."""
        arrays = {name: getattr(call, name) for name in self.paths}
        if any(array is not None and array.ndim != 1 for array in arrays.values()):
            raise NotImplementedError("its own arrays are filled, whatever axes these have")
        like = next((a.dtype for a in arrays.values() if a is not None), call.x.dtype)
        neutral = {
            name: np.full(call.x.shape[1], value, like)
            for name, value in _NEUTRAL.items()
            if name in self.paths
        }
        return neutral | {name: a for name, a in arrays.items() if a is not None}


def data(rank: int, channels: int) -> Array:
    """Return some data of so many axes, whose sizes do not fit where axes are mixed up."""
    shape = (_SIZES[0], channels, *_SIZES[1 : rank - 1])
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def _channels_last(call: Call) -> Call:
    """Return the call with the channels as the last axis of its data."""
    grad, mask = (
        None if array is None else np.moveaxis(array, 1, -1)
        for array in (call.grad_output, call.mask)
    )
    return replace(call, x=np.moveaxis(call.x, 1, -1), grad_output=grad, mask=mask)


def _decline_mixed(outputs: Outputs, call: Call) -> None:
    """Raise NotImplementedError where parameters of another format decide that of the output."""
    output, parameters = outputs["output"], (call.weight, call.bias, call.running_mean)
    mixed = {a.dtype for a in parameters if a is not None} - {call.x.dtype}
    if output is not None and output.dtype in mixed:
        raise NotImplementedError(
            f"data in {call.x.dtype.name} with parameters in {output.dtype.name} come out in "
            f"{output.dtype.name}"
        )


def _flat(name: str, array: Array | None) -> Array | None:
    """Return what belongs to a channel in one axis, whatever shape the layer keeps it in."""
    of_channels = OUTPUT_LIKE.get(name, "x") not in ("x", "grad_output")
    return array.ravel() if of_channels and array is not None else array
