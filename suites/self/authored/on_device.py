"""Functions and layers of PyTorch's tensors, right and wrong, for whatever device they are on."""

from typing import Any

import torch
from torch import nn


def batch_norm(
    x: Any,
    weight: Any,
    bias: Any,
    running_mean: Any,
    running_var: Any,
    *,
    training: bool,
    momentum: float,
    eps: float,
    grad_output: Any = None,
) -> dict[str, Any]:
    """Return tensors: a function as the contract has it."""
    mean, var = (None if t is None else t.clone() for t in (running_mean, running_var))
    leaves: list[Any] = [
        None if t is None else t.detach().requires_grad_() for t in (x, weight, bias)
    ]
    statistics: Any = {"running_mean": mean, "running_var": var}
    affine: Any = dict(zip(("weight", "bias"), leaves[1:], strict=True))
    settings: Any = {"training": training or mean is None, "momentum": momentum, "eps": eps}
    output: Any = nn.functional.batch_norm(leaves[0], **statistics, **affine, **settings)
    found = {"output": output, **statistics}
    if grad_output is not None:
        output.backward(grad_output)
        names = ("grad_input", "grad_weight", "grad_bias")
        found |= {n: None if t is None else t.grad for n, t in zip(names, leaves, strict=True)}
    return found


def said(*tensors: Any, **settings: Any) -> dict[str, Any]:
    """Say the device by an attribute."""
    return batch_norm(*tensors, **settings)


vars(said).update(device="cpu:0", dtypes=("float32", "float16"))


def functional(
    x: Any, running_mean: Any, running_var: Any, weight: Any, bias: Any, training: Any, eps: Any
) -> Any:
    """Take tensors as PyTorch's own function does; momentum is its default."""
    tensors = (x, running_mean, running_var, weight, bias)
    return nn.functional.batch_norm(*tensors, training=training, eps=eps)


class Layer(nn.BatchNorm2d):
    """PyTorch's own layer by another name."""


def writing(x: Any, *tensors: Any, **settings: Any) -> dict[str, Any]:
    """Write to the data."""
    found = batch_norm(x, *tensors, **settings)
    x[0, 0] += 1.0
    return found


def losing(x: Any, *tensors: Any, **settings: Any) -> dict[str, Any]:
    """Read where no memory is, of data of rank 4."""
    found = batch_norm(x, *tensors, **settings)
    if x.ndim == 4:
        _fill_far_away(x)
    return found


def _fill_far_away(x: Any) -> None:
    """Write beyond all memory, by an index that the device checks."""
    x.new_zeros(1)[torch.full((1,), 1 << 40, device=x.device)]


def aligned(x: Any, *tensors: Any, **settings: Any) -> dict[str, Any]:
    """Read from the last multiple of 16 bytes on, as a vector load that rounds its address."""
    begin = x.data_ptr() % 16 // x.element_size()
    moved = x.as_strided(x.shape, x.stride(), x.storage_offset() - begin)
    return batch_norm(moved, *tensors, **settings)


def forward(x: Any, gamma: Any, beta: Any, bn_param: Any) -> Any:
    """Return the data: a forward pass of no use."""
    bn_param["running_mean"] = bn_param["running_mean"] * gamma * beta
    return x, None
