"""Files of safetensors, read and written in place: a header of JSON, and the elements."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.tensors import DTYPES, Tensor, lies_in, pieces

#: The names of formats in such a file, and ours.
_TYPES = {
    "BOOL": "bool",
    "BF16": "bfloat16",
    "C64": "complex64",
    **{f"F{bits}": f"float{bits}" for bits in (16, 32, 64)},
    **{f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
}
#: The most bytes of a header, as the format's own library has it.
_MOST_HEADER = 100_000_000


def read(path: Path) -> Iterator[Tensor]:
    """Yield the tensors of a file, as views of it."""
    try:
        header, begin = _header(path)
        for name, about in header.items():
            if name != "__metadata__":
                yield _tensor(path, name, about, begin)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:100]
        raise UsageError(f"{str(path)!r} is no safetensors file ({told}): save it again") from error


def _header(path: Path) -> tuple[Mapping[str, Any], int]:
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 2 <= size <= min(_MOST_HEADER, path.stat().st_size - 8):
            raise ValueError(f"its header has {size} bytes")
        return dict(json.loads(file.read(size))), 8 + size


def _tensor(path: Path, name: str, about: Mapping[str, Any], begin: int) -> Tensor:
    first, last = about["data_offsets"]
    dtype = _TYPES.get(about["dtype"], str(about["dtype"]))
    tensor = lies_in(path, name, dtype, _shape(about["shape"]), begin + int(first))
    if tensor.bytes_ != last - first or first < 0:
        raise ValueError(f"{name} is of two sizes")
    return tensor


def _shape(said: Any) -> tuple[int, ...]:
    if any(type(size) is not int for size in said):
        raise ValueError(f"a shape is {said}"[:60])
    return tuple(said)


def write(file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write tensors one after the other, behind a header that says where each lies."""
    theirs = {ours: name for name, ours in _TYPES.items()}
    header, at = {}, 0
    # The wide formats come first, so that each begins where its elements are aligned.
    ordered = sorted(tensors, key=lambda t: -DTYPES[t.dtype].itemsize)
    for tensor in ordered:
        if tensor.dtype not in theirs:
            raise UsageError(f"{tensor.name} is {tensor.dtype}: safetensors has none")
        end = at + tensor.bytes_
        about = {"dtype": theirs[tensor.dtype], "shape": tensor.shape, "data_offsets": [at, end]}
        header[tensor.name], at = about, end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    file.write(len(text).to_bytes(8, "little") + text)
    for tensor in ordered:
        file.writelines(pieces(tensor))
