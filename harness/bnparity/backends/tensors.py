"""Arrays as PyTorch's tensors and back, on any of its devices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def tensor_of(array: Array, device: str = "cpu") -> Any:
    """Return a tensor with the strides of `array`; torch has no negative ones, those are copied.

    On the CPU it shares the memory of `array`. On its way to another device an array with gaps
    loses them.
    """
    import torch

    if any(stride < 0 for stride in array.strides):
        array = np.ascontiguousarray(array)
    if array.dtype.name == "bfloat16":  # unknown to torch.from_numpy: let it see the bits
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16).to(device)
    return torch.from_numpy(array).to(device)


def array_of(tensor: Any) -> Array:
    """Return the values of `tensor`, of which NumPy may share the memory."""
    import torch

    tensor = tensor.detach().cpu()
    if tensor.dtype is not torch.bfloat16:
        array: Array = tensor.numpy()
        return array
    import ml_dtypes

    bits: Array = tensor.contiguous().view(torch.int16).numpy()
    return bits.view(ml_dtypes.bfloat16)
