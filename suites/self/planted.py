"""A textbook kernel, and the same with one thing wrong on purpose, named by its fault."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kernel = Callable[..., dict[str, Array | None]]


def kernel(fault: str = "") -> Kernel:
    """Return a plain function that computes BatchNorm in float64, but for `fault`."""

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
        grad_output: Array | None = None,
    ) -> dict[str, Array | None]:
        axes, shape = (0, *range(2, x.ndim)), (1, -1) + (1,) * (x.ndim - 2)
        n = x.size // x.shape[1]
        work = np.float16 if fault == "arithmetic=float16" else np.float64
        data = x.astype(work)
        mean, var = data.mean(axes), data.var(axes)
        if fault == "variance_algorithm=one_pass":
            single = x.astype(np.float32)
            var = (single * single).mean(axes) - single.mean(axes) ** 2
            var = np.maximum(var, 0.0)
        batch_mean, batch_var = mean, var * (n / (n - 1))
        if fault == "running_variance=biased":
            batch_var = var
        if fault == "normalizing_variance=unbiased":
            var = var * (n / (n - 1))
        from_batch = training or running_mean is None
        if fault == "eval_statistics=batch":
            from_batch = True
        if fault == "train_statistics=running":
            from_batch = running_mean is None
        if not from_batch:
            assert running_mean is not None
            assert running_var is not None
            mean, var = running_mean.astype(work), running_var.astype(work)
        if fault == "eps_floor=1e-05":
            eps = max(eps, 1e-5)
        scale = np.sqrt(var + eps)
        if fault == "eps_placement=outside":
            scale = np.sqrt(var) + eps
        normalized = (data - mean.reshape(shape)) / scale.reshape(shape)
        gamma = np.ones(x.shape[1]) if weight is None else weight
        beta = np.zeros(x.shape[1]) if bias is None else bias
        if fault == "weight=ignored":
            gamma = np.ones(x.shape[1])
        if fault == "bias=ignored":
            beta = np.zeros(x.shape[1])
        output = normalized * gamma.reshape(shape) + beta.reshape(shape)
        results: dict[str, Array | None] = {"output": output.astype(x.dtype)}
        if running_mean is not None and running_var is not None:
            share = 1.0 if momentum is None else momentum
            if fault == "momentum=old" and momentum is not None:
                share = 1.0 - momentum
            if (training or fault == "running_update=always") and fault != "running_update=never":
                running_mean = ((1 - share) * running_mean + share * batch_mean).astype(x.dtype)
                running_var = ((1 - share) * running_var + share * batch_var).astype(x.dtype)
            results |= {"running_mean": running_mean.copy(), "running_var": running_var.copy()}
        if grad_output is not None:
            g = grad_output.astype(work)
            total, projection = g.sum(axes), (g * normalized).sum(axes)
            grad = g
            if from_batch and fault != "grad_statistics=constant":
                m = n - 1 if fault == "normalizing_variance=unbiased" else n
                slope = 1 / scale
                if fault == "eps_placement=outside":
                    slope = np.divide(1, np.sqrt(var), out=np.zeros_like(var), where=var > 0)
                through_var = (projection / m * slope * scale).reshape(shape) * normalized
                grad = g - (total / n).reshape(shape) - through_var
            grad = grad * (gamma / scale).reshape(shape)
            results["grad_input"] = grad.astype(x.dtype)
            results["grad_weight"] = None if weight is None else projection.astype(weight.dtype)
            results["grad_bias"] = None if bias is None else total.astype(bias.dtype)
        return results

    return batch_norm


#: Faults that have a name: a field of the dialect and the value it has instead.
NAMED = (
    "momentum=old",
    "running_variance=biased",
    "normalizing_variance=unbiased",
    "eps_placement=outside",
    "eps_floor=1e-05",
    "weight=ignored",
    "bias=ignored",
    "train_statistics=running",
    "eval_statistics=batch",
    "running_update=never",
    "running_update=always",
    "grad_statistics=constant",
    "variance_algorithm=one_pass",
    "arithmetic=float16",
)
