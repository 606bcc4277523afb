"""Loading the state of a layer, as ``mindspore.load_param_into_net`` does."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bnparity.layers.formats import Array


def loaded(
    own: Mapping[str, Array], given: Any, *, strict_load: Any
) -> tuple[list[str], list[str]]:
    """Copy the arrays of `given` into a layer's `own`; return the names that do not match."""
    _words(given, strict_load)
    for name, array in own.items():
        if name in given:
            _copy(name, array, given[name], strict=strict_load)
    return [name for name in own if name not in given], [name for name in given if name not in own]


def _words(given: Any, strict_load: Any) -> None:
    if not isinstance(given, dict):
        raise TypeError(f"parameter_dict is of type {type(given).__name__}: give a dict")
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, np.ndarray):
            said = f"{type(name).__name__} and {type(value).__name__}: give names and arrays"
            raise TypeError(f"parameter_dict[{name!r}] is of types {said}")
    if not isinstance(strict_load, bool):
        raise TypeError(f"strict_load={strict_load!r}: give True or False")


def _copy(name: str, own: Array, value: Array, *, strict: bool) -> None:
    """Copy `value`, of another floating-point format if that need not be the same, into `own`."""
    if value.shape != own.shape:
        raise RuntimeError(f"{name} has shape {value.shape}: give {own.shape}")
    same = value.dtype == own.dtype
    if not same and (strict or not (_is_floating(value) and _is_floating(own))):
        raise RuntimeError(f"{name} has dtype {value.dtype.name}: give {own.dtype.name}")
    own[...] = value


def _is_floating(array: Array) -> bool:
    return array.dtype.kind == "f" or array.dtype.name == "bfloat16"
