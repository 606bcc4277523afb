"""Flax's layer as a backend; Flax is imported where the layer is asked for."""

from typing import Any


def __getattr__(name: str) -> Any:
    """Return Flax's layer of that name."""
    if name != "BatchNorm":
        raise AttributeError(name)
    from flax import linen

    return linen.BatchNorm
