"""Flax's ``serialization.to_bytes``, read and written without Flax: a tree of arrays in msgpack.

An array is the extension 1 of msgpack, which holds its shape, its format and its elements.
"""

import mmap
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

from bnparity.backends import UsageError
from bnparity.porting.checkpoints.tensors import Tensor, lies_in, pieces

#: The extension that an array is, and how deep a tree of layers goes.
_ARRAY, _DEEPEST = 1, 64
#: Arrays of so many bytes Flax writes as several.
_CUT_UP = 1 << 30
#: Where an item begins with one of these, its size follows in so many bytes.
_SIZED = {
    0xD9: ("text", 1),
    0xDA: ("text", 2),
    0xDB: ("text", 4),
    0xC4: ("bytes", 1),
    0xC5: ("bytes", 2),
    0xC6: ("bytes", 4),
    0xC7: ("ext", 1),
    0xC8: ("ext", 2),
    0xC9: ("ext", 4),
    0xDE: ("map", 2),
    0xDF: ("map", 4),
    0xDC: ("list", 2),
    0xDD: ("list", 4),
    0xCC: ("number", 1),
    0xCD: ("number", 2),
    0xCE: ("number", 4),
    0xCF: ("number", 8),
}
#: These have a size of their own.
_FIXED = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}

_Item: TypeAlias = tuple[str, int, int]


class _Broken(ValueError):
    pass


def read(path: Path) -> Iterator[Tensor]:
    """Yield the arrays of a tree by their paths, joined by ``/``, as views of the file."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            found = _whole(path, data)
        except (_Broken, UnicodeDecodeError, IndexError) as error:
            raise UsageError(
                f"{str(path)!r} is no tree of Flax's ({error}): save it with to_bytes"
            ) from error
    yield from found


def _whole(path: Path, data: mmap.mmap) -> list[Tensor]:
    found, end = _tree(path, data, 0, [])
    if end != len(data):
        raise _Broken("more follows the tree")
    return found


def _item(data: mmap.mmap, at: int) -> _Item:
    """Return what begins at a byte: its kind, its size or value, and where what it holds begins."""
    first = data[at]
    if first in _SIZED:
        kind, width = _SIZED[first]
        return kind, int.from_bytes(data[at + 1 : at + 1 + width], "big"), at + 1 + width
    if first in _FIXED:
        return "ext", _FIXED[first], at + 1
    if first < 0x80:
        return "number", first, at + 1
    for kind, least, most in (("map", 0x80, 0x8F), ("list", 0x90, 0x9F), ("text", 0xA0, 0xBF)):
        if least <= first <= most:
            return kind, first - least, at + 1
    raise _Broken(f"byte {at} begins nothing that a tree of arrays has")


def _text(data: mmap.mmap, at: int) -> tuple[str, int]:
    kind, size, begin = _item(data, at)
    if kind != "text" or begin + size > len(data):
        raise _Broken(f"a name is expected at byte {at}")
    return data[begin : begin + size].decode(), begin + size


def _tree(path: Path, data: mmap.mmap, at: int, above: list[str]) -> tuple[list[Tensor], int]:
    kind, size, begin = _item(data, at)
    if len(above) > _DEEPEST:
        raise _Broken(f"it is deeper than {_DEEPEST}")
    if kind == "ext":
        return [_array(path, data, begin, size, "/".join(above))], begin + 1 + size
    if kind != "map":
        raise _Broken(f"{'/'.join(above) or 'it'} holds a {kind}, no array")
    found, at = list[Tensor](), begin
    for _ in range(size):
        name, at = _text(data, at)
        inner, at = _tree(path, data, at, [*above, name])
        found += inner
    return found, at


def _array(path: Path, data: mmap.mmap, at: int, size: int, name: str) -> Tensor:
    if data[at] != _ARRAY or at + 1 + size > len(data):
        raise _Broken(f"{name} is no array, or is cut off")
    kind, parts, begin = _item(data, at + 1)
    if (kind, parts) != ("list", 3):
        raise _Broken(f"{name} is no array")
    kind, axes, begin = _item(data, begin)
    shape = list[int]()
    for _ in range(axes if kind == "list" else 0):
        sort, length, begin = _item(data, begin)
        if sort != "number":
            raise _Broken(f"{name} is no array")
        shape.append(length)
    dtype, begin = _text(data, begin)
    kind, length, begin = _item(data, begin)
    tensor = lies_in(path, name, dtype, tuple(shape), begin)
    if kind != "bytes" or tensor.bytes_ != length:
        raise _Broken(f"{name} is of two sizes")
    return tensor


def write(file: BinaryIO, tensors: Sequence[Tensor]) -> None:
    """Write tensors as the tree that their names spell, for ``from_bytes``."""
    tree: dict[str, Any] = {}
    for tensor in tensors:
        *path, leaf = tensor.name.split("/")
        place = tree
        for part in path:
            place = place.setdefault(part, {})
        place[leaf] = tensor
    _write_tree(file, tree)


def _write_tree(file: BinaryIO, tree: dict[str, Any]) -> None:
    file.write(b"\xdf" + struct.pack(">I", len(tree)))
    for name, inner in tree.items():
        file.write(_bytes_of_text(name))
        if isinstance(inner, Tensor):
            _write_array(file, inner)
        else:
            _write_tree(file, inner)


def _write_array(file: BinaryIO, tensor: Tensor) -> None:
    if tensor.bytes_ >= _CUT_UP:
        raise UsageError(
            f"{tensor.name} has {tensor.bytes_} bytes: Flax cuts up arrays of {_CUT_UP} and more "
            "in its own way; write a folder of Orbax's"
        )
    shape = b"".join(b"\xcf" + struct.pack(">Q", size) for size in tensor.shape)
    head = b"\x93\xdd" + struct.pack(">I", len(tensor.shape)) + shape
    head += _bytes_of_text(tensor.dtype) + b"\xc6" + struct.pack(">I", tensor.bytes_)
    whole = struct.pack(">I", len(head) + tensor.bytes_)
    file.write(b"\xc9" + whole + bytes([_ARRAY]) + head)
    file.writelines(pieces(tensor))


def _bytes_of_text(text: str) -> bytes:
    content = text.encode()
    return b"\xdb" + struct.pack(">I", len(content)) + content
