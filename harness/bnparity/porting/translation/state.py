"""The state of a layer: the same arrays under other names."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import numpy as np

from bnparity.backends import Array, UsageError, did_you_mean, format_of
from bnparity.porting.translation.signatures import Api

State: TypeAlias = Mapping[str, Array]

#: Each array of torch's, and MindSpore's attribute for it.
NAMES: Mapping[str, str] = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}

#: What a layer starts with unless told otherwise.
FRESH: Mapping[str, float] = dict(zip(NAMES.values(), (1.0, 0.0, 0.0, 1.0), strict=True))

#: The number of training batches, which torch keeps and MindSpore does not.
COUNT = "num_batches_tracked"


def filled(values: Mapping[str, Any], size: int, dtype: str) -> dict[str, Array]:
    """Return an array ``(size,)`` for each number or array in `values`.

    An array of another shape is a `UsageError`.
    """
    for name, value in values.items():
        if np.shape(value) not in ((), (size,)):
            raise UsageError(f"{name} has shape {np.shape(value)}: it has to be ({size},)")
    return {
        name: np.broadcast_to(value, size).astype(format_of(dtype).dtype)
        for name, value in values.items()
    }


def checkpoint_names(api: Api, kind: str) -> dict[str, str]:
    """Return the name in a checkpoint of each attribute that is state.

    MindSpore's BatchNorm3d wraps a BatchNorm2d; the other layers call two of their own parameters
    by shorter names as long as they are not part of a network.

    Examples
    --------
    >>> checkpoint_names("mindspore", "BatchNorm3d")["gamma"]
    'bn2d.gamma'
    """
    if api == "torch":
        return {name: name for name in (*NAMES, COUNT)}
    if kind == "BatchNorm3d":
        return {name: f"bn2d.{name}" for name in FRESH}
    return {name: name.removeprefix("moving_") for name in FRESH}


def checked_state(api: Api, kind: str, given: Mapping[str, Any], state: State) -> State:
    """Return `state` by attribute and complete, for a layer made with the arguments `given`.

    A `UsageError` is raised if an array is missing, unknown, or not as the arguments say.
    """
    size = given["num_features"]
    if not isinstance(size, int):
        raise UsageError(f"num_features={size!r}: with a state it has to be a number")
    attributes = {saved: name for name, saved in checkpoint_names(api, kind).items()}
    arrays = {attributes.get(name, name): np.asarray(array) for name, array in state.items()}
    if len(arrays) < len(state):
        raise UsageError(f"state {', '.join(state)}: two names for one array; give one of them")
    expected = _expected(api, given)
    if COUNT in expected:
        arrays = {**arrays, COUNT: _count(arrays.get(COUNT, 0))}
    _same_names(arrays, expected)
    shape, dtype = (size,), given.get("dtype", "float32")
    for name in (name for name in expected if name != COUNT):
        array = arrays[name]
        if array.shape != shape:
            raise UsageError(f"state {name!r} has shape {array.shape}: num_features says {shape}")
        if array.dtype.name != dtype:
            raise UsageError(
                f"state {name!r} is {array.dtype.name}: the argument dtype says {dtype}"
            )
    return {name: arrays[name] for name in expected}


def _expected(api: Api, given: Mapping[str, Any]) -> tuple[str, ...]:
    if api == "mindspore":
        return tuple(FRESH)
    affine, tracked = given.get("affine", True), given.get("track_running_stats", True)
    asked = {"weight": affine, "bias": affine and given.get("bias", True)}
    return tuple(name for name in (*NAMES, COUNT) if asked.get(name, tracked))


def _same_names(names: Iterable[str], expected: tuple[str, ...]) -> None:
    for name in names:
        if name not in expected:
            hint = did_you_mean(name, expected) or f": it has {', '.join(expected)}"
            raise UsageError(f"state {name!r}: this layer has none of that name{hint}")
    missing = [name for name in expected if name not in names]
    if missing:
        raise UsageError(f"state {', '.join(missing)} is missing: give all of it, or no state")


def _count(value: Any) -> Array:
    count = np.asarray(value)
    if count.shape != () or count.dtype.kind not in "iu" or count < 0:
        raise UsageError(f"state {COUNT!r} is {value!r}: it has to be a whole number from 0 up")
    return count.astype(np.int64)


def checked_carried(carried: State) -> State:
    """Return what is carried for the way back: a count of batches other than 0, or nothing."""
    _same_names(carried, (COUNT,) if carried else ())
    return {name: _count(value) for name, value in carried.items() if np.any(value)}
