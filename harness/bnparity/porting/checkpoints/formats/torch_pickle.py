"""What PyTorch pickles in a state dict, rebuilt without PyTorch and without running anything.

Only the few names below are known; whatever else a pickle would call is refused, so nothing of it
is ever imported or run.
"""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from bnparity.backends import UsageError

#: PyTorch's classes of storages, and the formats of their elements.
STORAGES: Mapping[str, str] = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "ComplexFloatStorage": "complex64",
    "ComplexDoubleStorage": "complex128",
}


@dataclass(frozen=True)
class Stored:
    """A storage: the member of the archive that holds it, and the format of its elements."""

    member: str
    dtype: str


@dataclass(frozen=True)
class Pickled:
    """A tensor: where in a storage its elements lie."""

    stored: Stored
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Named(OrderedDict[Any, Any]):
    """A state dict, whose attributes are left alone."""

    def __setstate__(self, _: Any) -> None:
        pass


def _tensor(stored: Any, offset: int, shape: Any, strides: Any, *_: Any) -> Pickled:
    numbers = (offset, *shape, *strides)
    if not isinstance(stored, Stored) or len(shape) != len(strides):
        raise ValueError("a tensor without a storage")
    if any(type(number) is not int or number < 0 for number in numbers):
        raise ValueError("a tensor of no shape")
    return Pickled(stored, offset, tuple(shape), tuple(strides))


def _parameter(tensor: Pickled, *_: Any) -> Pickled:
    return tensor


_KNOWN: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): _Named,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "Size"): tuple,
    **{("torch", name): dtype for name, dtype in STORAGES.items()},
}


class _Reader(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _KNOWN:
            shown = f"{module}.{name}"[:80]
            raise UsageError(
                f"it would call {shown!r}, which is never run: save the state dict alone"
            )
        return _KNOWN[module, name]

    def persistent_load(self, pid: Any) -> Stored:
        _, dtype, member, *_ = pid
        if dtype not in STORAGES.values() or not isinstance(member, str):
            raise ValueError("a storage of no format")
        return Stored(member, dtype)


def unpickled(data: bytes) -> Any:
    """Return mappings, lists, numbers and `Pickled` tensors.

    Raises
    ------
    UsageError
        If it holds anything else, or is broken.
    """
    try:
        return _Reader(BytesIO(data)).load()
    except UsageError:
        raise
    except Exception as error:  # a broken pickle raises whatever its bytes lead to
        told = " ".join(f"{type(error).__name__}: {error}".split())[:100]
        raise UsageError(f"it is no state dict ({told}): save it again") from error
