"""The layers of Flax."""

from flax.linen import BatchNorm
from flax.nnx import BatchNorm as NnxBatchNorm

__all__ = ["BatchNorm", "NnxBatchNorm"]
