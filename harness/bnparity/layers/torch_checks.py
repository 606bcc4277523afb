"""What PyTorch's BatchNorm refuses, with its types of exception and in its order."""

from numbers import Real
from operator import index
from typing import Any

import numpy as np

from bnparity.backends import Array
from bnparity.layers.formats import dtype_of, names
from bnparity.layers.layer import Parameters

FORMATS = ("float16", "bfloat16", "float32", "float64")
_HALVES = ("float16", "bfloat16")


def features(num_features: Any) -> int:
    """Return `num_features`, a whole number of at least 0."""
    said = f"num_features={num_features!r}: give a whole number, 0 or above"
    try:
        count = index(num_features)
    except TypeError as error:
        raise TypeError(said) from error
    if isinstance(num_features, bool | np.bool_) or count >= 2**63:
        raise TypeError(said)
    if count < 0:
        raise RuntimeError(said)
    return count


def device(given: Any) -> None:
    """Refuse every device but the CPU; also those that PyTorch may have: NumPy has none of them."""
    if given is None or str(given).partition(":")[0] == "cpu":
        return
    kind = RuntimeError if isinstance(given, str | int) or hasattr(given, "type") else TypeError
    raise kind(f"device={given!r}: give 'cpu' or None; NumPy computes on the CPU")


def dtype(given: Any) -> np.dtype[Any]:
    """Return the format of parameters and statistics."""
    found = dtype_of("float32" if given is None else given, names(FORMATS))
    if found.name not in FORMATS:
        raise RuntimeError(f"dtype={found.name}: give {names(FORMATS)}")
    return found


def rank(x: Any, ranks: tuple[int, ...]) -> None:
    """Refuse what is no array, or has other axes than the layer takes."""
    if not isinstance(x, np.ndarray):
        said = f"input is of type {type(x).__name__}, which has no axes: give a NumPy array"
        raise AttributeError(said)  # noqa: TRY004  # what PyTorch raises
    if x.ndim not in ranks:
        raise ValueError(f"input has {x.ndim} axes, shape {x.shape}: give {names(ranks)} axes")


def batch_size(x: Array) -> None:
    """Refuse one value per channel."""
    if x.shape[0] * int(np.prod(x.shape[2:])) == 1:
        raise ValueError(f"input has shape {x.shape}: give more than one value per channel")


def settings(eps: Any, momentum: Any, *, from_batch: bool) -> None:
    """Refuse an eps or a momentum that is no number, and an eps that is too small."""
    if not isinstance(eps, Real):
        raise TypeError(f"eps={eps!r}: give a number")
    if eps < 0 or (from_batch and eps == 0):
        least = "above 0 where the batch's statistics serve" if from_batch else "0 or above"
        raise ValueError(f"eps={eps!r}: give a number {least}")
    if momentum is not None and not isinstance(momentum, Real):
        raise TypeError(f"momentum={momentum!r}: give a number or None")


def arrays(x: Array, given: Parameters, *, from_batch: bool) -> None:
    """Refuse statistics that are incomplete, and arrays that do not match the data.

    Data without values are looked at only for their format.
    """
    missing = [n for n in ("running_mean", "running_var") if getattr(given, n) is None]
    if len(missing) == 1:
        kind = ValueError if from_batch else RuntimeError
        raise kind(f"{missing[0]}=None: give both running statistics, or neither")
    present = {name: a for name, a in vars(given).items() if a is not None} if x.size else {}
    for name, a in present.items():
        if a.shape != (x.shape[1],):
            raise RuntimeError(f"{name} has shape {a.shape}: input has {x.shape[1]} channels")
    if x.dtype.name not in FORMATS:
        raise NotImplementedError(f"input has dtype {x.dtype.name}: give {names(FORMATS)}")
    _formats(x, present)


def copied(name: str, own: Array, value: Any) -> str:
    """Copy `value` into `own`, or return what is wrong with it."""
    if not isinstance(value, np.ndarray):
        return f"{name} is of type {type(value).__name__}: give an array"
    if own.ndim == 0 and value.shape == (1,):
        value = value[0]  # how counts were saved before they had no axis
    if value.shape != own.shape:
        return f"{name} has shape {value.shape}: give {own.shape}"
    own[...] = value
    return ""


def _formats(x: Array, present: dict[str, Array]) -> None:
    """Refuse parameters and statistics of another format; of halves they may all be float32."""
    own = x.dtype.name
    allowed = (own, "float32") if own in _HALVES else (own,)
    first = next(iter(present.values()), x).dtype.name
    for name, a in present.items():
        if a.dtype.name not in allowed:
            said = f"{name} has dtype {a.dtype.name}: with input of {own} give {names(allowed)}"
            raise RuntimeError(said)
        if a.dtype.name != first:
            raise RuntimeError(f"{name} has dtype {a.dtype.name}: give {first}, as the others have")
