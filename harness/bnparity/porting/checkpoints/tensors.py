"""One array of a checkpoint, still in its file: what is larger than memory is read piece by piece.

An array is a view of the file wherever the format has its bytes in one piece.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from types import MappingProxyType

import ml_dtypes
import numpy as np

from bnparity.backends import Array, UsageError

#: The formats that are carried over, by their names.
DTYPES: Mapping[str, np.dtype] = MappingProxyType(
    {
        **{
            name: np.dtype(name)
            for name in (
                *("bool", "int8", "int16", "int32", "int64"),
                *("uint8", "uint16", "uint32", "uint64"),
                *("float16", "float32", "float64", "complex64", "complex128"),
            )
        },
        "bfloat16": np.dtype(ml_dtypes.bfloat16),
    }
)

#: Bytes that are written at a time.
_PIECE = 1 << 24


@dataclass(frozen=True, kw_only=True)
class Tensor:
    """An array by its name, its format and its shape; `read` returns it, mostly as a view.

    ``offset`` is where it lies in the file that it was read from; -1 if it is not in one piece.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int = field(default=-1, repr=False, compare=False)
    read: Callable[[], Array] = field(repr=False, compare=False)

    @property
    def bytes_(self) -> int:
        """How many bytes its elements have."""
        return prod(self.shape) * DTYPES[self.dtype].itemsize


def pieces(tensor: Tensor) -> Iterator[memoryview]:
    """Yield the bytes of a tensor in order of rows, a piece at a time."""
    array = tensor.read()
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    for start in range(0, flat.size, _PIECE):
        yield flat[start : start + _PIECE].data


def view_of(path: Path, dtype: str, shape: tuple[int, ...], offset: int) -> Array:
    """Return the array that lies in a file from `offset` on, as a view of the file."""
    if prod(shape) == 0:
        return np.zeros(shape, DTYPES[dtype])
    raw = np.memmap(path, np.uint8, "r", offset, (prod(shape) * DTYPES[dtype].itemsize,))
    return raw.view(DTYPES[dtype]).reshape(shape)


def lies_in(path: Path, name: str, dtype: str, shape: tuple[int, ...], offset: int) -> Tensor:
    """Return the tensor that lies in a file from `offset` on.

    Raises
    ------
    UsageError
        If its format is not carried, or it does not end within the file.
    """
    if dtype not in DTYPES:
        raise UsageError(f"{str(path)!r}: {name} is of the format {dtype}, which is not carried")
    end = offset + prod(shape) * DTYPES[dtype].itemsize
    if min(shape, default=0) < 0 or end > path.stat().st_size:
        raise UsageError(
            f"{str(path)!r}: {name} declares {list(shape)}, more than is there: save it again"
        )
    return Tensor(
        name=name,
        dtype=dtype,
        shape=shape,
        offset=offset,
        read=lambda: view_of(path, dtype, shape, offset),
    )


def by_name(path: Path, tensors: Iterator[Tensor]) -> dict[str, Tensor]:
    """Return tensors by their names.

    Raises
    ------
    UsageError
        If a name leads elsewhere, does not print, or is there twice.
    """
    found: dict[str, Tensor] = {}
    for tensor in tensors:
        name = tensor.name
        if not name.strip("./") or not name.isprintable() or ".." in name.split("/"):
            raise UsageError(f"{str(path)!r} has a tensor called {name!r}: give it a plain name")
        if name in found:
            raise UsageError(f"{str(path)!r} has two tensors called {name!r}: save it again")
        found[name] = tensor
    return found
