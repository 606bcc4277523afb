"""Layers as backends, made with nothing but the number of channels: what a user gets by default.

The parameters and statistics of a case are put in place; mode, eps and momentum are not.
"""

import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _probe(module: str) -> dict[str, str]:
    try:
        version = __import__(module).__version__
    except ImportError as error:
        return {"reason": f"{module} cannot be imported in {sys.executable}: {error}"}
    return {"version": str(version), "device": "cpu"}


def torch(
    x: Array, weight: Array, bias: Array, running_mean: Array, running_var: Array, **_: Any
) -> dict[str, Array]:
    """Return what a fresh ``torch.nn.BatchNorm2d(C)`` does with `x`, ``(N, C, H, W)``."""
    import torch

    layer = torch.nn.BatchNorm2d(x.shape[1])
    state = {"weight": weight, "bias": bias, "running_mean": running_mean}
    state["running_var"] = running_var
    tensors = {name: torch.from_numpy(array) for name, array in state.items()}
    layer.load_state_dict(tensors | {"num_batches_tracked": torch.tensor(0)})
    output = layer(torch.from_numpy(x)).detach().numpy()
    after = {name: tensor.numpy() for name, tensor in layer.named_buffers()}
    return {
        "output": output,
        "running_mean": after["running_mean"],
        "running_var": after["running_var"],
    }


def mindspore(
    x: Array, weight: Array, bias: Array, running_mean: Array, running_var: Array, **_: Any
) -> dict[str, Array]:
    """Return what a fresh ``mindspore.nn.BatchNorm2d(C)`` does with `x`, ``(N, C, H, W)``."""
    import mindspore

    layer = mindspore.nn.BatchNorm2d(x.shape[1])
    layer.gamma.set_data(mindspore.Tensor(weight))
    layer.beta.set_data(mindspore.Tensor(bias))
    layer.moving_mean.set_data(mindspore.Tensor(running_mean))
    layer.moving_variance.set_data(mindspore.Tensor(running_var))
    output = layer(mindspore.Tensor(x)).asnumpy()
    return {
        "output": np.asarray(output),
        "running_mean": layer.moving_mean.asnumpy(),
        "running_var": layer.moving_variance.asnumpy(),
    }


torch.__dict__.update(probe=lambda: _probe("torch"))
mindspore.__dict__.update(probe=lambda: _probe("mindspore"), dialect="mindspore")
