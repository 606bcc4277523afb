"""Arrays at hand as tensors of a checkpoint, for the tests of what writes and moves them."""

from typing import Any

from bnparity.porting.checkpoints.tensors import Tensor


def tensor_of(name: str, array: Any) -> Tensor:
    """Return an array as a format that is read would have it."""
    return Tensor(name=name, dtype=array.dtype.name, shape=array.shape, read=lambda: array)
