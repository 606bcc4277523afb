"""A kernel on a device: a function as the contract has it, of PyTorch's tensors that are there."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import numpy as np

from bnparity.backends.tensors import array_of, device_in_words, tensor_of, write_back


def on_device(target: Callable[..., Any], device: str) -> Callable[..., Any]:
    """Return the function, given tensors on a device for arrays; tensors it returns become arrays.

    What it writes to a tensor that it was given is written to the array, as on the CPU. What its
    author says of it by attributes is said of what is returned here.
    """

    @wraps(target)
    def batch_norm(*arrays: Any, **settings: Any) -> Any:
        given = [_moved(value, device) for value in arrays]
        named = {name: _moved(value, device) for name, value in settings.items()}
        returned = _brought(target(*given, **named))
        for array, tensor in zip(
            (*arrays, *settings.values()), (*given, *named.values()), strict=True
        ):
            write_back(tensor, array)
        return returned

    batch_norm.__dict__["taken_for"] = f"a function of PyTorch's tensors on {device}"
    batch_norm.__dict__.setdefault("probe", lambda: {"device": device_in_words(device)})
    return batch_norm


def _moved(value: Any, device: str) -> Any:
    return tensor_of(value, device) if isinstance(value, np.ndarray) else value


def _brought(returned: Any) -> Any:
    """Return arrays for the tensors of a mapping; a state stays where it is."""
    import torch

    if not isinstance(returned, Mapping):
        return returned
    return {
        name: array_of(value) if isinstance(value, torch.Tensor) and name != "state" else value
        for name, value in returned.items()
    }
