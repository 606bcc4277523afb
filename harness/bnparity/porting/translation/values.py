"""The values of constructor arguments: checked, and in the one form in which they are compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from bnparity.backends import UsageError, format_of
from bnparity.porting.translation.signatures import INITIALISED

#: What both frameworks make of these names, whatever their case.
_CONSTANTS: Mapping[str, float] = {"zero": 0.0, "zeros": 0.0, "one": 1.0, "ones": 1.0}

#: Returns the normal form of an argument, from its name and value.
Check: TypeAlias = Callable[[str, Any], object]


@dataclass(frozen=True)
class Expression:
    """Source code whose value is not known here; it is carried over as it stands."""

    text: str

    def __repr__(self) -> str:
        return self.text


def checked(name: str, value: object) -> Any:
    """Return the normal form of an argument; a `UsageError` is raised if no layer takes it."""
    if isinstance(value, Expression) and name not in _UNREAD:
        raise UsageError(f"{name}={value!r}: its value has to be known; write it as a literal")
    return _CHECKS[name](name, value) if name in _CHECKS else value


def constant(initialiser: object) -> Any:
    """Return the number or array that a checked initialiser stands for, None if random."""
    return initialiser if isinstance(initialiser, float | np.ndarray) else None


def _whole(name: str, value: object) -> object:
    if isinstance(value, Expression):
        return value
    if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < 1:
        raise UsageError(f"{name}={value!r}: give a whole number from 1 up")
    return int(value)


def _number(name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise UsageError(f"{name}={value!r}: give a number")
    try:
        return float(value)
    except OverflowError:
        raise UsageError(f"{name} is beyond every float: give a smaller number") from None


def _kept_if(fits: Callable[[object], bool], remedy: str) -> Check:
    def check(name: str, value: object) -> object:
        if not fits(value):
            raise UsageError(f"{name}={value!r}: {remedy}")
        return value

    return check


def _dtype(name: str, value: object) -> str:
    """Return the name of a dtype given as ``torch.float16``, ``mindspore.float16`` or its name."""
    text = "float32" if value is None else str(value).rpartition(".")[2].lower()
    try:
        return format_of(text).name
    except UsageError as error:
        raise UsageError(f"{name}={value!r}: {error}") from None


def _initialiser(name: str, value: object) -> object:
    """Return a number, an array or a name; a name that stands for a number becomes it.

    Others are objects of MindSpore's that draw at random.
    """
    if isinstance(value, bool):  # numbers, to MindSpore
        return float(value)
    if isinstance(value, Real):
        return _number(name, value)
    if isinstance(value, str):
        return _CONSTANTS.get(value.lower(), value)
    if value is None or isinstance(value, list | tuple | dict):
        raise UsageError(f"{name}={value!r}: give a number, an array or the name of an initialiser")
    return np.asarray(value) if hasattr(value, "__array__") else value


#: The arguments that are carried over, or refused, whatever their value.
_UNREAD = frozenset({"num_features", "device", "process_group", "process_groups", *INITIALISED})

_flag = _kept_if(lambda value: isinstance(value, bool), "give True or False")

_CHECKS: Mapping[str, Check] = {
    "num_features": _whole,
    "eps": _number,
    # -0.0 is no share of its own.
    "momentum": lambda name, value: None if value is None else _number(name, value) + 0.0,
    "affine": _flag,
    "bias": _flag,
    "track_running_stats": _flag,
    "use_batch_statistics": _kept_if(
        lambda value: isinstance(value, bool | None), "give True, False or None"
    ),
    "data_format": _kept_if(lambda value: value in ("NCHW", "NHWC"), "choose from 'NCHW', 'NHWC'"),
    "dtype": _dtype,
    **dict.fromkeys(INITIALISED, _initialiser),
}
