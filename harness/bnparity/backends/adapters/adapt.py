"""From what a user names to a backend: what it is, and the adapter for it."""

import inspect
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal

from bnparity.backends.adapters.adapted import Adapted
from bnparity.backends.adapters.equinox_module import EquinoxModules
from bnparity.backends.adapters.flax_linen import LinenModules
from bnparity.backends.adapters.flax_nnx import NnxModules
from bnparity.backends.adapters.forward_backward import pair
from bnparity.backends.adapters.framework import Framework
from bnparity.backends.adapters.haiku_transformed import HaikuTransformed, transformed
from bnparity.backends.adapters.jax_function import jax_function
from bnparity.backends.adapters.keras_layer import KerasLayers
from bnparity.backends.adapters.kinds import kind_of_function, kind_of_layer, parameters
from bnparity.backends.adapters.mindspore_cell import MindSporeCells
from bnparity.backends.adapters.on_device import on_device
from bnparity.backends.adapters.places import OF_JAX, device_of, place_of
from bnparity.backends.adapters.seen import backend_of
from bnparity.backends.adapters.source import Source
from bnparity.backends.adapters.told import Told
from bnparity.backends.adapters.torch_function import torch_function
from bnparity.backends.adapters.torch_module import TorchModules
from bnparity.backends.errors import UsageError
from bnparity.backends.missing import Missing
from bnparity.backends.tensors import without_device

#: What the contract asks of a function.
CONTRACT = (
    "(x, weight, bias, running_mean, running_var, *, training, momentum, eps, grad_output=None)"
)
#: What a factory that takes settings is told, to see what it makes.
_SETTINGS = {"eps": 1e-5, "momentum": 0.1}
#: What an author may say by attributes of whatever is a backend.
_ATTRIBUTES = (
    *("dialect", "dtypes", "ranks", "outputs", "degenerate", "accumulation"),
    *("takes_mask", "statistics_gradients"),
)

_LAYERS: Mapping[str, Callable[..., Framework]] = {
    "torch-module": TorchModules,
    "mindspore-cell": MindSporeCells,
    "keras-layer": KerasLayers,
    "flax-linen": LinenModules,
    "flax-nnx": NnxModules,
    "equinox-module": EquinoxModules,
    "haiku-transformed": HaikuTransformed,
}


def adapted(target: Any, name: str, told: Told, others: Mapping[str, Any]) -> Any:
    """Return the backend that a target is, or that an adapter makes of it.

    Parameters
    ----------
    target
        What the user named.
    name
        How it was named, for messages.
    told
        What the user says of it.
    others
        What else is in its module: the backward pass of a forward pass may be.

    Raises
    ------
    UsageError
        If it cannot be called as the contract has it, and is nothing that has an adapter.
    """
    kind = told.kind or kind_of_layer(target) or kind_of_function(target) or _kind_made_by(target)
    if not kind:
        raise UsageError(_mismatch(target, name))
    device = device_of(target, name, told, kind)
    if device != "cpu" and (reason := _without(device)):
        return Missing(reason=reason)
    if kind == "function":
        return target if device == "cpu" else on_device(target, device)
    backend = _adapter(kind, target, told, device, others)
    said = {what: getattr(target, what) for what in _ATTRIBUTES if hasattr(target, what)}
    if said.get("statistics_gradients") and kind not in OF_JAX:
        raise UsageError(
            f"{name} says statistics_gradients = True: a {kind} is given none, only "
            f"{', '.join(OF_JAX)}; leave it out"
        )
    return replace(backend, place=place_of(kind, device), **said)


def _without(device: str) -> str:
    """Return why there is no such device here; raise UsageError if there is none anywhere."""
    try:
        return without_device(device)
    except ValueError as error:
        raise UsageError(f"device={device}: {error}") from error


def _adapter(kind: str, target: Any, told: Told, device: str, others: Mapping[str, Any]) -> Adapted:
    if kind == "forward-backward":
        return pair(target, others)
    if kind == "torch-function":
        return torch_function(target, device)
    if kind == "jax-function":
        return jax_function(target)
    if kind == "haiku-module":
        kind, target = "haiku-transformed", transformed(target)
    source = Source(target=target, form=_form(target), names=told.names)
    of_torch = {"device": device} if kind == "torch-module" else {}
    framework = _LAYERS[kind](names=told.names, **of_torch)
    return backend_of(source, framework, getattr(target, "dtypes", framework.dtypes))


def _form(target: Any) -> Literal["class", "factory", "instance"]:
    if inspect.isclass(target):
        return "class"
    return "instance" if kind_of_layer(target) else "factory"


def _kind_made_by(target: Any) -> str:
    """Return the kind of layer that a factory makes; nothing if it makes none."""
    made: object = None
    with suppress(Exception):  # whatever the function of somebody's own may raise
        made = Source(target=target, form="factory", names={}).layer(3, _SETTINGS)
    return "" if made is None else kind_of_layer(made)


def _mismatch(target: Any, name: str) -> str:
    found = parameters(target)
    took = "something else" if found is None else f"({', '.join(found)})"
    return (
        f"{name} takes {took}, a backend takes {CONTRACT}: bnparity explain adapter shows the "
        f"lines that make it one"
    )
