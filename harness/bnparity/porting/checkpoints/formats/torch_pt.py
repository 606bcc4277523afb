"""PyTorch's checkpoints, read and written without PyTorch: an archive of a pickle and storages."""

import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from bnparity.backends import Array, UsageError
from bnparity.porting.checkpoints.formats.torch_pickle import STORAGES, Pickled, unpickled
from bnparity.porting.checkpoints.formats.zip_members import begin_of, members_of, opened
from bnparity.porting.checkpoints.tensors import DTYPES, Tensor, lies_in, pieces

#: The most bytes of the pickle, which names tensors and holds none.
_MOST_PICKLED = 1 << 28
#: How PyTorch aligns storages, so that they can be mapped.
_ALIGNMENT = 64


def read(path: Path, key: str = "") -> Iterator[Tensor]:
    """Yield the tensors of a state dict, or of the one called `key` in a checkpoint of several."""
    members = members_of(path, "checkpoint of torch, or is of a version before 1.6")
    pickles = [name for name in members if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise UsageError(f"{str(path)!r} is no checkpoint of torch: it has no data.pkl")
    if members[pickles[0]].file_size > _MOST_PICKLED:
        raise UsageError(f"{str(path)!r}: its data.pkl has more than {_MOST_PICKLED} bytes")
    with opened(path) as archive:
        pickled = archive.read(pickles[0])
    try:
        found = unpickled(pickled)
    except UsageError as error:
        raise UsageError(f"{str(path)!r}: {error}") from error
    root = pickles[0].removesuffix("data.pkl")
    for name, tensor in _state_dict(path, found, key).items():
        member = members.get(f"{root}data/{tensor.stored.member}")
        if member is None or member.compress_type != zipfile.ZIP_STORED:
            raise UsageError(f"{str(path)!r}: the elements of {name} are missing: save it again")
        yield _read(path, name, tensor, member)


def _state_dict(path: Path, found: Any, key: str) -> Mapping[str, Pickled]:
    """Return the tensors of a flat mapping; what is nested has to be chosen."""
    if key:
        there = list(found) if isinstance(found, Mapping) else []
        if key not in there:
            shown = ", ".join(map(str, there[:8])) or "none"
            raise UsageError(f"--key {key}: {str(path)!r} has no such part; it has {shown}")
        found = found[key]
    if not isinstance(found, Mapping):
        raise UsageError(f"{str(path)!r} holds a {type(found).__name__}: save the state dict")
    nested = [str(name) for name, value in found.items() if isinstance(value, Mapping)]
    if nested:
        parts = ", ".join(nested[:8])
        raise UsageError(f"{str(path)!r} holds {parts}: name the one to port, --key {nested[0]}")
    others = [str(name) for name, value in found.items() if not isinstance(value, Pickled)]
    if others:
        raise UsageError(
            f"{str(path)!r}: {others[0][:60]!r} is no tensor: save the state dict alone"
        )
    return {str(name): value for name, value in found.items()}


def _read(path: Path, name: str, tensor: Pickled, member: zipfile.ZipInfo) -> Tensor:
    dtype, itemsize = tensor.stored.dtype, DTYPES[tensor.stored.dtype].itemsize
    begin = begin_of(path, member)
    if prod(tensor.shape) and _reach(tensor) * itemsize > member.file_size:
        raise UsageError(f"{str(path)!r}: {name} declares {list(tensor.shape)}, more than is there")
    if tensor.strides == _dense(tensor.shape) or not prod(tensor.shape):
        return lies_in(path, name, dtype, tensor.shape, begin + tensor.offset * itemsize)
    whole = lies_in(path, name, dtype, (_reach(tensor),), begin)

    def strided() -> Array:
        steps = [step * itemsize for step in tensor.strides]
        storage = whole.read()[tensor.offset :]
        return np.lib.stride_tricks.as_strided(storage, tensor.shape, steps, writeable=False)

    return Tensor(name=name, dtype=dtype, shape=tensor.shape, read=strided)


def _reach(tensor: Pickled) -> int:
    """Return how many elements of a storage a tensor needs."""
    last = sum((size - 1) * step for size, step in zip(tensor.shape, tensor.strides, strict=True))
    return tensor.offset + last + 1


def _dense(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def write(file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write tensors as PyTorch's ``torch.load`` reads them, mapped or not."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        small = {"data.pkl": _pickle(tensors), "byteorder": b"little", "version": b"3\n"}
        for name, content in small.items():
            archive.writestr(zipfile.ZipInfo(f"model/{name}"), content)
        for number, tensor in enumerate(tensors):
            member = zipfile.ZipInfo(f"model/data/{number}")
            member.file_size = tensor.bytes_
            # What extends the name moves the elements to where they can be mapped.
            begin = file.tell() + 30 + len(member.filename) + 4
            wide = 20 if tensor.bytes_ * 1.05 > zipfile.ZIP64_LIMIT else 0  # as zipfile does
            gap = -(begin + wide) % _ALIGNMENT
            member.extra = struct.pack("<2sH", b"FB", gap) + b"Z" * gap
            with archive.open(member, "w", force_zip64=bool(wide)) as out:
                for part in pieces(tensor):
                    out.write(part)


def _pickle(tensors: Sequence[Tensor]) -> bytes:
    """Return the pickle of an ordered mapping of tensors, in PyTorch's own words."""
    empty = b"ccollections\nOrderedDict\n)R"
    items = b"".join(
        _text(tensor.name) + _rebuilt(number, tensor, empty)
        for number, tensor in enumerate(tensors)
    )
    return b"\x80\x02" + empty + b"(" + items + b"u."


def _rebuilt(number: int, tensor: Tensor, hooks: bytes) -> bytes:
    """Return what rebuilds a tensor from its storage."""
    storages = {dtype: name for name, dtype in STORAGES.items()}
    if tensor.dtype not in storages:
        raise UsageError(f"{tensor.name} is {tensor.dtype}: torch's checkpoints have none")
    words = _text("storage") + f"ctorch\n{storages[tensor.dtype]}\n".encode()
    storage = b"(" + words + _text(str(number)) + _text("cpu") + _number(prod(tensor.shape)) + b"tQ"
    shape, strides = (
        b"(" + b"".join(map(_number, numbers)) + b"t"
        for numbers in (tensor.shape, _dense(tensor.shape))
    )
    arguments = b"(" + storage + _number(0) + shape + strides + b"\x89" + hooks + b"t"
    return b"ctorch._utils\n_rebuild_tensor_v2\n" + arguments + b"R"


def _text(text: str) -> bytes:
    data = text.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def _number(value: int) -> bytes:
    data = value.to_bytes(value.bit_length() // 8 + 1, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data
