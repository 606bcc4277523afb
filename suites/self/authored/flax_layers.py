"""The layers of Flax."""

from flax.linen import BatchNorm
from flax.nnx import BatchNorm as NnxBatchNorm

__all__ = ["BatchNorm", "NnxBatchNorm", "half"]


def half(epsilon: float, momentum: float) -> BatchNorm:
    """Return a layer with parameters in half precision; its statistics stay in float32."""
    form = "bfloat16"
    return BatchNorm(epsilon=epsilon, momentum=momentum, dtype=form, param_dtype=form)


vars(half)["dtypes"] = ("bfloat16",)
