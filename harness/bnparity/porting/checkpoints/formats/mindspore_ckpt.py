"""MindSpore's checkpoints, read and written without MindSpore: a list of tagged tensors.

``Checkpoint { repeated Value value = 1 }``, ``Value { string tag = 1; TensorProto tensor = 2 }``,
``TensorProto { repeated int64 dims = 1; string tensor_type = 2; bytes tensor_content = 3 }``.
A large tensor is cut into values of one tag that follow each other.
"""

import mmap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from bnparity.backends import Array, UsageError
from bnparity.porting.checkpoints.formats.protobuf import (
    Broken,
    fields,
    head,
    numbers,
    piece,
    repeated,
)
from bnparity.porting.checkpoints.tensors import DTYPES, Tensor, lies_in, pieces, view_of

#: The names of formats in such a file, and ours.
_TYPES = {
    "Bool": "bool",
    "BFloat16": "bfloat16",
    **{f"Float{bits}": f"float{bits}" for bits in (16, 32, 64)},
    **{f"Int{bits}": f"int{bits}" for bits in (8, 16, 32, 64)},
    **{f"UInt{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)},
}

#: Bytes of a tensor that one value has at most.
_SLICE = 512 << 20


@dataclass(frozen=True)
class _Slice:
    """A value: whose it is, and where its elements lie."""

    tag: str
    shape: tuple[int, ...]
    dtype: str
    begin: int
    end: int


def read(path: Path) -> Iterator[Tensor]:
    """Yield the tensors of a checkpoint, as views of the file."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            slices = [
                _slice(data, begin, end)
                for number, begin, end in fields(data, 0, len(data))
                if number == 1
            ]
        except (Broken, UnicodeDecodeError) as error:
            raise UsageError(
                f"{str(path)!r} is no checkpoint of mindspore ({error}): save it again"
            ) from error
    run: list[_Slice] = []
    for each in slices:
        if run and run[0].tag != each.tag:
            yield _tensor(path, run)
            run = []
        run.append(each)
    if run:
        yield _tensor(path, run)


def _slice(data: mmap.mmap, start: int, end: int) -> _Slice:
    tag, shape, dtype, content = "", list[int](), "", None
    for number, begin, stop in fields(data, start, end):
        if number == 1:
            tag = data[begin:stop].decode()
        elif number == 2:
            for inner, first, last in fields(data, begin, stop):
                if inner == 1:
                    shape += numbers(data, first, last)
                elif inner == 2:
                    dtype = data[first:last].decode()
                elif inner == 3:
                    content = (first, last)
    if content is None:
        raise Broken(f"{tag!r} holds no tensor")
    plain = () if shape == [0] else tuple(shape)  # as older versions write a single number
    return _Slice(tag, plain, _TYPES.get(dtype, dtype), *content)


def _tensor(path: Path, run: Sequence[_Slice]) -> Tensor:
    first = run[0]
    if len(run) == 1:
        tensor = lies_in(path, first.tag, first.dtype, first.shape, first.begin)
    else:
        tensor = Tensor(
            name=first.tag,
            dtype=first.dtype,
            shape=first.shape,
            read=lambda: _joined(path, first, run),
        )
    if first.dtype not in DTYPES or tensor.bytes_ != sum(s.end - s.begin for s in run):
        raise UsageError(f"{str(path)!r}: {first.tag} is cut off or of two sizes: save it again")
    return tensor


def _joined(path: Path, first: _Slice, run: Sequence[_Slice]) -> Array:
    parts = [view_of(path, "uint8", (s.end - s.begin,), s.begin) for s in run]
    return np.concatenate(parts).view(DTYPES[first.dtype]).reshape(first.shape)


def write(file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write tensors as MindSpore's ``load_checkpoint`` reads them."""
    theirs = {ours: name for name, ours in _TYPES.items()}
    for tensor in tensors:
        if tensor.dtype not in theirs:
            raise UsageError(f"{tensor.name} is {tensor.dtype}: mindspore's checkpoints have none")
        about = repeated(1, tensor.shape) + piece(2, theirs[tensor.dtype].encode())
        size, left = 0, tensor.bytes_
        for part in pieces(tensor) if left else [memoryview(b"")]:
            if size == 0:
                size = min(left, _SLICE)
                content = head(3, size)
                value = piece(1, tensor.name.encode())
                inner = len(about) + len(content) + size
                value += head(2, inner) + about + content
                file.write(head(1, len(value) + size) + value)
            file.write(part)
            size, left = size - len(part), left - len(part)
