"""Part of the ``repro.py`` of a finding in PyTorch: the layer, used as anybody uses it."""

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from functools import partial
from typing import Any

import numpy as np

from bnparity.backends import Array


def opened(finding: Mapping[str, Any]) -> tuple[Callable[..., Any], str]:
    """Return the call, told how many threads to use and on which device, and the version."""
    import torch

    if finding["threads"] is not None:
        torch.set_num_threads(finding["threads"])
    device = "cuda" if finding["backend"].startswith("torch-cuda") else "cpu"
    torch.empty(0, device=device)  # which fails where there is none
    call = partial(batch_norm, variant=finding["variant"], device=device)
    return call, f"torch {torch.__version__} on {device}"


def batch_norm(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    *,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_output: Array | None,
    variant: str,
    device: str,
) -> dict[str, Array | None]:
    """Make a layer with this state, call it, and return what it leaves behind."""
    import torch

    nn, moved = torch.nn, partial(to_tensor, device=device)
    kinds = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
    layer: Any = kinds[x.ndim](
        x.shape[1],
        eps=eps,
        momentum=momentum,
        affine=False,
        track_running_stats=running_mean is not None,
    )
    layer.weight = None if weight is None else nn.Parameter(moved(weight))
    layer.bias = None if bias is None else nn.Parameter(moved(bias))
    if running_mean is not None and running_var is not None:
        layer.running_mean = moved(running_mean).clone()
        layer.running_var = moved(running_var).clone()
    layer.train(training)
    data = in_format(moved(x), variant).requires_grad_(grad_output is not None)
    with kernels(variant):
        whole = variant == "compile,fullgraph"
        compiled = variant.startswith("compile")
        output = (torch.compile(layer, fullgraph=whole) if compiled else layer)(data)
    found = {
        "output": output,
        "running_mean": layer.running_mean,
        "running_var": layer.running_var,
    }
    if grad_output is not None:
        with kernels(variant):
            output.backward(in_format(moved(grad_output), variant))
        found["grad_input"] = data.grad
        found["grad_weight"] = None if weight is None else layer.weight.grad
        found["grad_bias"] = None if bias is None else layer.bias.grad
    return {name: None if tensor is None else to_array(tensor) for name, tensor in found.items()}


def kernels(variant: str) -> Any:
    """Return a context without cuDNN if the finding is about PyTorch's own kernels."""
    import torch

    native = "native" in variant.split(",")
    return torch.backends.cudnn.flags(enabled=False) if native else nullcontext()


def in_format(tensor: Any, variant: str) -> Any:
    """Return `tensor` in the memory format that the finding is about."""
    import torch

    if "channels_last" not in variant.split(","):
        return tensor
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    return tensor.contiguous(memory_format=formats[tensor.ndim])


def to_tensor(array: Array, device: str) -> Any:
    """Return a tensor with the strides of `array`, copied where they are negative."""
    import torch

    if any(stride < 0 for stride in array.strides):
        array = np.ascontiguousarray(array)
    if array.dtype == np.uint16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16).to(device)
    return torch.from_numpy(array).to(device)


def to_array(tensor: Any) -> Array:
    """Return the values of `tensor`."""
    import torch

    tensor = tensor.detach().cpu()
    if tensor.dtype is not torch.bfloat16:
        array: Array = tensor.numpy()
        return array
    stored: Array = tensor.contiguous().view(torch.int16).numpy()
    return stored.view(np.uint16)
