"""Fields of a protobuf message, by hand: no more is read than is asked for, and nothing is built.

MindSpore's checkpoints and ONNX's models are such messages, of which most bytes are tensors.
"""

from collections.abc import Iterator, Sequence
from mmap import mmap

#: Of a field: a varint, eight bytes, a piece of the file, four bytes.
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5

#: The most fields that one message of a checkpoint has: a file of nothing but fields is none.
_MOST_FIELDS = 1_000_000


class Broken(ValueError):
    """The bytes are no protobuf message."""


def fields(data: mmap | bytes, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, begin and end of each field of the message in ``data[start:end]``.

    A number that is no piece of the file is yielded as itself and -1.
    """
    at, left = start, _MOST_FIELDS
    while at < end:
        if (left := left - 1) < 0:
            raise Broken(f"it has more than {_MOST_FIELDS} fields")
        key, at = _varint(data, at, end)
        number, kind = key >> 3, key & 7
        if number == 0:
            raise Broken(f"no field begins at byte {at}")
        if kind == _VARINT:
            value, at = _varint(data, at, end)
            yield number, value, -1
            continue
        size = {_FIXED64: 8, _FIXED32: 4}.get(kind, -1)
        if kind == _BYTES:
            size, at = _varint(data, at, end)
        if size < 0 or at + size > end:
            raise Broken(f"a field is cut off or of an unknown kind at byte {at}")
        yield number, at, at + size
        at += size


def numbers(data: mmap | bytes, start: int, end: int) -> list[int]:
    """Return the whole numbers that one field holds: one, or many packed into a piece."""
    if end < 0:
        return [start]
    found, at = [], start
    while at < end:
        value, at = _varint(data, at, end)
        found.append(value)
    return found


def _varint(data: mmap | bytes, at: int, end: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= end:
            break
        byte = data[at]
        value, at = value | (byte & 0x7F) << shift, at + 1
        if byte < 0x80:
            return value, at
    raise Broken(f"a number is cut off at byte {at}")


def varint(value: int) -> bytes:
    """Return a whole number from 0 up as protobuf has it."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def head(number: int, size: int) -> bytes:
    """Return what stands before a piece of `size` bytes."""
    return varint(number << 3 | _BYTES) + varint(size)


def piece(number: int, content: bytes) -> bytes:
    """Return a field that holds a piece."""
    return head(number, len(content)) + content


def repeated(number: int, values: Sequence[int]) -> bytes:
    """Return a field of whole numbers, one by one."""
    return b"".join(varint(number << 3 | _VARINT) + varint(value) for value in values)
