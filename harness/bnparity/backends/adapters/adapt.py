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
from bnparity.backends.adapters.seen import backend_of
from bnparity.backends.adapters.source import Source
from bnparity.backends.adapters.told import Told
from bnparity.backends.adapters.torch_function import torch_function
from bnparity.backends.adapters.torch_module import TorchModules
from bnparity.backends.errors import UsageError

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
#: Kinds whose running statistics are returned, so that what they do can be differentiated.
_DIFFERENTIATES_STATISTICS = (
    *("jax-function", "flax-linen", "flax-nnx"),
    *("equinox-module", "haiku-transformed", "haiku-module"),
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
_FUNCTIONS: Mapping[str, Callable[..., Adapted]] = {
    "torch-function": torch_function,
    "jax-function": jax_function,
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
    if kind == "function":
        return target
    backend = _adapter(kind, target, told, others)
    said = {what: getattr(target, what) for what in _ATTRIBUTES if hasattr(target, what)}
    if said.get("statistics_gradients") and kind not in _DIFFERENTIATES_STATISTICS:
        raise UsageError(
            f"{name} says statistics_gradients = True: a {kind} is given none, only "
            f"{', '.join(_DIFFERENTIATES_STATISTICS)}; leave it out"
        )
    return replace(backend, **said)


def _adapter(kind: str, target: Any, told: Told, others: Mapping[str, Any]) -> Adapted:
    if kind == "forward-backward":
        return pair(target, others)
    if kind in _FUNCTIONS:
        return _FUNCTIONS[kind](target)
    if kind == "haiku-module":
        kind, target = "haiku-transformed", transformed(target)
    source = Source(target=target, form=_form(target), names=told.names)
    framework = _LAYERS[kind](names=told.names)
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
