"""The layer of Equinox in its default mode."""

from equinox.nn import BatchNorm

__all__ = ["BatchNorm"]
