"""The exercise of a course: a forward pass of a matrix, and its backward pass."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]


def batchnorm_forward(
    x: Array, gamma: Array, beta: Array, bn_param: dict[str, Any]
) -> tuple[Array, Any]:
    """Return the output and what the backward pass needs; the settings keep the statistics."""
    mode, eps, momentum = bn_param["mode"], bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1], x.dtype))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1], x.dtype))
    if mode == "test":
        return gamma * (x - running_mean) / np.sqrt(running_var + eps) + beta, None
    mean, var = x.mean(0), x.var(0)
    normal = (x - mean) / np.sqrt(var + eps)
    bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
    bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    return gamma * normal + beta, (normal, gamma, var, eps)


def batchnorm_backward(dout: Array, cache: Any) -> tuple[Array, Array, Array]:
    """Return the gradients by the data, by gamma and by beta."""
    normal, gamma, var, eps = cache
    dbeta, dgamma = dout.sum(0), (dout * normal).sum(0)
    dx = gamma / np.sqrt(var + eps) * (dout - dbeta / len(dout) - normal * dgamma / len(dout))
    return dx, dgamma, dbeta


#: The same pair under names of which neither tells the other.
apply, differentiate = batchnorm_forward, batchnorm_backward


def gain_first(x: Array, gain: Array, offset: Array) -> Array:
    """Return what no adapter can make a backend of."""
    return gain * x + offset
