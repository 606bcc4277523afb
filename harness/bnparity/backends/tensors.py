"""Arrays as PyTorch's tensors and back, on any of its devices, and which CUDA device it has."""

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np

from bnparity.backends.call import Array, Outputs
from bnparity.backends.raised import describe
from bnparity.backends.returned import kind_of

#: Bytes of which NumPy's memory begins at a multiple, and at which GPUs load the most at once.
_ALIGNMENT = 16


def tensor_of(array: Array, device: str = "cpu") -> Any:
    """Return a tensor with the strides of `array`; torch has no negative ones, those are copied.

    On the CPU it shares the memory of `array`. On another device it begins as far behind a multiple
    of 16 bytes: a kernel that loads four numbers at once may rely on there being none.
    """
    import torch

    if any(stride < 0 for stride in array.strides):
        array = np.ascontiguousarray(array)
    if device == "cpu":
        return _shared(array)
    # Moved as it is, a tensor with gaps would lose them: its memory goes as a whole.
    offset = array.ctypes.data % _ALIGNMENT // array.itemsize
    strides = [stride // array.itemsize for stride in array.strides]
    last = sum((n - 1) * stride for n, stride in zip(array.shape, strides, strict=True))
    span = last + 1 if array.size else 0
    held = _shared(np.lib.stride_tricks.as_strided(array, (span,), (array.itemsize,)))
    there = torch.empty(offset + span, dtype=held.dtype, device=device)
    there[offset:] = held
    return there.as_strided(array.shape, strides, offset)


def _shared(array: Array) -> Any:
    """Return a tensor on the CPU that shares the memory of `array`."""
    import torch

    if array.dtype.name == "bfloat16":  # unknown to torch.from_numpy: let it see the bits
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def write_back(tensor: Any, array: Any) -> None:
    """Write what a tensor holds to the array that it was made of, if it was written to.

    Where they share memory there is nothing to do. Whatever is no array is left alone.
    """
    if isinstance(array, np.ndarray) and tensor.data_ptr() != array.ctypes.data:
        found = array_of(tensor)
        if found.tobytes() != array.tobytes():
            array[...] = found


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
        _tensor(output),
        list(wanted.values()),
        tensor_of(grad_output, str(output.device)),
        allow_unused=True,
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


def without_device(device: str) -> str:
    """Return the reason why PyTorch cannot use a device, nothing if it can.

    Raises
    ------
    ValueError
        If PyTorch knows no device of that name.
    """
    import torch

    try:
        named = torch.device(device)
    except RuntimeError as error:
        raise ValueError(f"{device!r} is no device: give one of PyTorch's, as cuda") from error
    if named.type == "cuda" and (reason := without_cuda()):
        return reason
    try:
        torch.empty(0, device=named)
    except Exception as error:  # noqa: BLE001  # each kind of device has its own
        return f"torch {torch.__version__} cannot use {device}: {describe(error)}"
    return ""


def device_in_words(device: str) -> str:
    """Return the name of a device; of CUDA's, with the versions that PyTorch uses."""
    import torch

    if torch.device(device).type != "cuda":
        return device
    cudnn: Any = torch.backends.cudnn.version()  # type: ignore[no-untyped-call]  # it has no types
    return f"{torch.cuda.get_device_name(device)}, CUDA {torch.version.cuda}, cuDNN {cudnn}"


def is_lost() -> bool:
    """Return whether a CUDA device answers this process no more: an error of a kernel stays."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_initialized():
        return False
    try:
        torch.cuda.synchronize()
    except RuntimeError:
        return True
    return False
