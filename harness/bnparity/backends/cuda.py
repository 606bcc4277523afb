"""Which CUDA device PyTorch has here, or why it has none."""

from typing import Any


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
