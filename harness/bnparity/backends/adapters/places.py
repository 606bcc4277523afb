"""Where a target computes: the device that its author or user says, or that its framework takes."""

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from typing import Any

from bnparity.backends.adapters.adapted import on_cpu
from bnparity.backends.adapters.jax_arrays import jax_device
from bnparity.backends.adapters.told import Told
from bnparity.backends.errors import UsageError
from bnparity.backends.tensors import device_in_words, without_device

#: Kinds whose tensors are put on a device of PyTorch's; elsewhere the framework chooses.
_PUT = ("function", "torch-module", "torch-function")
#: Kinds of JAX's arrays, whose running statistics are returned and can be differentiated.
OF_JAX = (
    *("jax-function", "flax-linen", "flax-nnx"),
    *("equinox-module", "haiku-transformed", "haiku-module"),
)


def device_of(target: Any, name: str, told: Told, kind: str) -> str:
    """Return the device of PyTorch's for the tensors of a target, ``"cpu"`` if nobody says another.

    The user says it, the author by an attribute, or a layer that is there already by where it is.

    Raises
    ------
    UsageError
        If the user says one of something that is not PyTorch's.
    """
    if kind not in _PUT:
        if told.device:
            raise UsageError(
                f"{name} is a {kind}, which computes where its framework does: leave out "
                f"device={told.device}"
            )
        return "cpu"
    if kind == "torch-module" and not inspect.isroutine(target) and not inspect.isclass(target):
        held = next(chain(target.parameters(), target.buffers()), None)
        return told.device or ("cpu" if held is None else str(held.device))
    # A backend that probes brings its device with it.
    said = None if hasattr(target, "probe") else getattr(target, "device", None)
    return told.device or (said if isinstance(said, str) and said else "cpu")


def place_of(kind: str, device: str) -> Callable[[], Mapping[str, str]]:
    """Return what tells where a target of a kind computes."""
    if kind in OF_JAX:
        return jax_device
    if kind == "keras-layer":
        return _place_of_keras
    return on_cpu if device == "cpu" else partial(_place_of_torch, device)


def _place_of_torch(device: str) -> dict[str, str]:
    reason = without_device(device)
    return {"reason": reason} if reason else {"device": device_in_words(device)}


def _place_of_keras() -> Mapping[str, str]:
    import keras

    if keras.backend.backend() == "jax":
        return jax_device()
    if keras.backend.backend() != "torch":
        return on_cpu()
    import torch

    return _place_of_torch("cuda" if torch.cuda.is_available() else "cpu")
