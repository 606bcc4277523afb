"""The layer of Equinox, in its default mode and in the other one."""

from equinox.nn import BatchNorm

__all__ = ["BatchNorm", "of_batch"]


def of_batch(channels: int, eps: float = 1e-5, momentum: float = 0.99) -> BatchNorm:
    """Return a layer that normalises by the batch."""
    return BatchNorm(channels, "batch", eps=eps, momentum=momentum, mode="batch")
