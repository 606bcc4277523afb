"""Part of the ``repro.py`` of a finding in PyTorch: the layer, used as anybody uses it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def opened(finding: Mapping[str, Any]) -> tuple[Callable[..., Any], str]:
    """Return the call, told how many threads to use, and the version."""
    import torch

    if finding["threads"] is not None:
        torch.set_num_threads(finding["threads"])
    return partial(batch_norm, variant=finding["variant"]), f"torch {torch.__version__}"


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
) -> dict[str, Array | None]:
    """Make a layer with this state, call it, and return what it leaves behind."""
    import torch

    nn = torch.nn
    kinds = {2: nn.BatchNorm1d, 3: nn.BatchNorm1d, 4: nn.BatchNorm2d, 5: nn.BatchNorm3d}
    layer: Any = kinds[x.ndim](
        x.shape[1],
        eps=eps,
        momentum=momentum,
        affine=False,
        track_running_stats=running_mean is not None,
    )
    layer.weight = None if weight is None else nn.Parameter(to_tensor(weight))
    layer.bias = None if bias is None else nn.Parameter(to_tensor(bias))
    if running_mean is not None and running_var is not None:
        layer.running_mean = to_tensor(running_mean).clone()
        layer.running_var = to_tensor(running_var).clone()
    layer.train(training)
    data = in_format(to_tensor(x), variant).requires_grad_(grad_output is not None)
    output = (torch.compile(layer) if variant == "compile" else layer)(data)
    found = {
        "output": output,
        "running_mean": layer.running_mean,
        "running_var": layer.running_var,
    }
    if grad_output is not None:
        output.backward(in_format(to_tensor(grad_output), variant))
        found["grad_input"] = data.grad
        found["grad_weight"] = None if weight is None else layer.weight.grad
        found["grad_bias"] = None if bias is None else layer.bias.grad
    return {name: None if tensor is None else to_array(tensor) for name, tensor in found.items()}


def in_format(tensor: Any, variant: str) -> Any:
    """Return `tensor` in the memory format that the finding is about."""
    import torch

    if variant != "channels_last":
        return tensor
    formats = {4: torch.channels_last, 5: torch.channels_last_3d}
    return tensor.contiguous(memory_format=formats[tensor.ndim])


def to_tensor(array: Array) -> Any:
    """Return a tensor with the strides of `array`, copied where they are negative."""
    import torch

    if any(stride < 0 for stride in array.strides):
        array = np.ascontiguousarray(array)
    if array.dtype == np.uint16:
        return torch.from_numpy(array.view(np.int16)).view(torch.bfloat16)
    return torch.from_numpy(array)


def to_array(tensor: Any) -> Array:
    """Return the values of `tensor`."""
    import torch

    tensor = tensor.detach()
    if tensor.dtype is not torch.bfloat16:
        array: Array = tensor.numpy()
        return array
    stored: Array = tensor.contiguous().view(torch.int16).numpy()
    return stored.view(np.uint16)
