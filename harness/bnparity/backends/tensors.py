"""Arrays as PyTorch's tensors and back, on any of its devices, and which CUDA device it has."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bnparity.backends.call import Array, Outputs
from bnparity.backends.returned import kind_of


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


def arrays_of(tensors: Mapping[str, Any]) -> Outputs:
    """Return the values of tensors, None for None; a TypeError for what is neither."""
    return {name: None if t is None else array_of(_tensor(t)) for name, t in tensors.items()}


def gradients(output: Any, wanted: Mapping[str, Any], grad_output: Array) -> dict[str, Any]:
    """Return the gradient by each tensor that is `wanted`, None for one that took no part."""
    import torch

    found = torch.autograd.grad(
        _tensor(output), list(wanted.values()), tensor_of(grad_output), allow_unused=True
    )
    return dict(zip(wanted, found, strict=True))


def _tensor(returned: Any) -> Any:
    """Return what a layer or a function returned, if it is a tensor."""
    import torch

    if not isinstance(returned, torch.Tensor):
        raise TypeError(f"{kind_of(returned)} was returned, and a tensor is expected")
    return returned


def without_cuda() -> str:
    """Return the reason why PyTorch has no CUDA device, nothing if it has one."""
    import torch

    if torch.version.cuda is None:
        return f"torch {torch.__version__} has no CUDA"
    if not torch.cuda.is_available():
        return f"torch {torch.__version__} finds no CUDA device"
    return ""


def cuda_device() -> str:
    """Return the name of the device, with the versions of CUDA and cuDNN that PyTorch uses."""
    import torch

    cudnn: Any = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]  # it has no types
    return f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}, cuDNN {cudnn}"
