"""What MindSpore's BatchNorm refuses, with its types of exception and in its order."""

from collections.abc import Iterable, Mapping
from numbers import Number
from typing import Any

import numpy as np

from bnparity.backends import Array
from bnparity.layers.formats import dtype_of, names

FORMATS = ("float16", "float32")
DATA_FORMATS = ("NCHW", "NHWC")
_CONSTANTS = {"ones": 1, "one": 1, "zeros": 0, "zero": 0}
_RANDOM = ("normal", "uniform", "truncatednormal")


def arguments(num_features: Any, momentum: Any, data_format: Any, use_batch: Any) -> None:
    """Refuse what the constructor refuses before it makes the first parameter."""
    if type(num_features) is not int:
        said = f"num_features={num_features!r} is of type {type(num_features).__name__}: give int"
        raise TypeError(said)
    if num_features < 1:
        raise ValueError(f"num_features={num_features}: give 1 or above")
    try:
        outside = bool(momentum < 0 or momentum > 1)
    except TypeError as error:
        raise TypeError(f"momentum={momentum!r}: give a number in [0, 1]") from error
    if outside:
        raise ValueError(f"momentum={momentum!r}: give a number in [0, 1]")
    if data_format not in DATA_FORMATS:
        raise ValueError(f"data_format={data_format!r}: give {names(DATA_FORMATS)}")
    if use_batch is not None and not isinstance(use_batch, bool):
        said = f"use_batch_statistics={use_batch!r}: give True, False or None"
        raise ValueError(said)  # what MindSpore raises


def parameter(name: str, init: Any, num_features: int, given: Any) -> Array:
    """Return the ``(C,)`` array that `init`, the argument called `name`, describes.

    It has the format `given`; an array keeps its own.
    """
    if given is None:
        raise ValueError(f"dtype=None: give {names(FORMATS)}")
    dtype = dtype_of(given, names(FORMATS))
    if isinstance(init, np.ndarray):
        if init.shape != (num_features,):
            raise ValueError(f"{name} has shape {init.shape}: give {(num_features,)}")
        return init.copy()
    return np.full(num_features, _constant(name, init), dtype)


def _constant(name: str, init: Any) -> float:
    known = ", ".join(_CONSTANTS)
    if isinstance(init, str):
        if init.lower() in _RANDOM:
            said = "random, which would make no two layers alike"
            raise NotImplementedError(f"{name}={init!r}: {said}; give {known} or an array")
        if init.lower() not in _CONSTANTS:
            raise ValueError(f"{name}={init!r}: give {known}, a number or an array")
        return _CONSTANTS[init.lower()]
    if not isinstance(init, Number) or isinstance(init, complex):
        raise TypeError(f"{name}={init!r}: give a name ({known}), a real number or an array")
    return float(init)  # type: ignore[arg-type]  # a Number that is not complex


def flag(name: str, value: Any) -> bool:
    """Return `value`, which must be a bool."""
    if not isinstance(value, bool):
        raise TypeError(f"{name}={value!r}: give True or False")
    return value


def rank(x: Any, ranks: tuple[int, ...]) -> None:
    """Refuse what is no array, or has other axes than the layer takes."""
    if not isinstance(x, np.ndarray):
        raise TypeError(f"x is of type {type(x).__name__}: give a NumPy array")
    if x.ndim not in ranks:
        raise ValueError(f"x has {x.ndim} axes, shape {x.shape}: give {names(ranks)} axes")


def settings(eps: Any, share: Any, *, training: bool) -> None:
    """Refuse an eps outside (0, 1], and in training a momentum that is no number."""
    if not isinstance(eps, float | np.floating):
        raise TypeError(f"eps={eps!r} is of type {type(eps).__name__}: give a float in (0, 1]")
    if not 0 < eps <= 1:
        raise ValueError(f"eps={eps!r}: give a float in (0, 1]")
    if training and not isinstance(share, float | np.floating):
        raise TypeError(f"momentum is of type {type(share).__name__}: give a number in [0, 1]")
    if training and not 0 <= share <= 1:
        raise ValueError(f"momentum={1 - share!r}: give a number in [0, 1]")


def arrays(x: Array, parameters: Mapping[str, Array], *, training: bool) -> None:
    """Refuse data and parameters whose channels or formats do not match: ``x`` (N, C, *spatial).

    Parameters of several formats are seen before the channels in training, else after them.
    """
    for name, a in parameters.items():
        if not isinstance(a, np.ndarray):
            raise TypeError(f"{name}={a!r}: give an array")
    if training:
        _agree(parameters)
    for name, a in parameters.items():
        if a.shape != (x.shape[1],):
            raise ValueError(f"{name} has shape {a.shape}: x has {x.shape[1]} channels")
    for name, a in {"x": x, **parameters}.items():
        if a.dtype.name not in FORMATS:
            raise TypeError(f"{name} has dtype {a.dtype.name}: give {names(FORMATS)}")
    _agree(parameters)


def _agree(parameters: Mapping[str, Array]) -> None:
    first = next(iter(parameters.values())).dtype.name
    for name, a in parameters.items():
        if a.dtype.name != first:
            raise TypeError(f"{name} has dtype {a.dtype.name}: give {first}, as the others have")


def groups(process_groups: Any, size: int) -> None:
    """Refuse what MindSpore refuses, in its order; what is no list is a ValueError there, too."""
    said = f"process_groups={process_groups!r}: give lists of ranks"
    if not isinstance(process_groups, list):
        raise ValueError(said)  # noqa: TRY004  # MindSpore's type
    seen = set()
    for group in process_groups:
        if not isinstance(group, Iterable):
            raise TypeError(f"{said}, not {group!r}")
        for rank in group:
            if type(rank) is not int:
                raise TypeError(f"{said}, not {rank!r}")
            if not 0 <= rank < size:
                raise ValueError(f"{said} in [0, {size}), not {rank}")
            if rank in seen:
                raise ValueError(f"{said}, each once, not {rank} again")
            seen.add(rank)
    if not all(isinstance(group, list) for group in process_groups):
        raise ValueError(said)


def state(given: Any) -> None:
    """Refuse what is no dict of arrays by name."""
    if not isinstance(given, dict):
        raise TypeError(f"parameter_dict is of type {type(given).__name__}: give a dict")
    for name, value in given.items():
        if not isinstance(name, str) or not isinstance(value, np.ndarray):
            said = f"{type(name).__name__} and {type(value).__name__}: give names and arrays"
            raise TypeError(f"parameter_dict[{name!r}] is of types {said}")


def loadable(name: str, own: Array, value: Array, *, strict: bool) -> None:
    """Refuse another shape, and another format; a floating-point one only if `strict`."""
    if value.shape != own.shape:
        raise RuntimeError(f"{name} has shape {value.shape}: give {own.shape}")
    floating = all(a.dtype.kind == "f" or a.dtype.name == "bfloat16" for a in (value, own))
    if value.dtype != own.dtype and (strict or not floating):
        raise RuntimeError(f"{name} has dtype {value.dtype.name}: give {own.dtype.name}")
