"""Messages between the harness and a worker: a JSON header, then the arrays' raw bytes.

No pickles: NumPy 1 and 2 do not read each other's, and reading one would run its code. An array
arrives with the strides it was sent with, and begins as far from a cache line's edge as it did in
its own memory; the gaps between strided elements, and before them, arrive as zeros.
"""

import json
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[Any]

#: Length of the header and of the payload, in bytes.
_LENGTHS = struct.Struct("<IQ")
_LARGEST_HEADER = 1 << 20
#: Bytes of a cache line: speed, and the paths of vector code, depend on where in one data begin.
_LINE = 64


class Closed(Exception):
    """The other side has gone, or speaks another protocol."""


def send(
    channel: socket.socket, fields: Mapping[str, Any], arrays: Mapping[str, Array | None]
) -> None:
    """Send `fields`, which are plain JSON, and `arrays`.

    Raises
    ------
    Closed
        If the other side has gone.
    TimeoutError
        If the channel has a time limit and the other side does not read.
    """
    described: dict[str, Any] = {}
    buffers: list[bytes | bytearray] = []
    for name, array in arrays.items():
        described[name] = None
        if array is not None:
            buffer, offset = _flat(array)
            described[name] = [array.dtype.name, array.shape, array.strides, offset, len(buffer)]
            buffers.append(buffer)
    header = json.dumps({"fields": dict(fields), "arrays": described}).encode()
    lengths = _LENGTHS.pack(len(header), sum(map(len, buffers)))
    try:
        channel.sendall(b"".join([lengths, header, *buffers]))
    except OSError as error:
        if isinstance(error, TimeoutError):
            raise
        raise Closed from error


def receive(
    channel: socket.socket, *, seconds: float | None = None
) -> tuple[dict[str, Any], dict[str, Array | None]]:
    """Return the fields and the arrays of the next message.

    Raises
    ------
    Closed
        If the other side has gone, or speaks another protocol.
    TimeoutError
        If the message has not arrived whole after `seconds`.
    """
    deadline = None if seconds is None else time.monotonic() + seconds
    header_length, payload_length = _LENGTHS.unpack(_read(channel, _LENGTHS.size, deadline))
    if header_length > _LARGEST_HEADER:
        raise Closed
    header = _read(channel, header_length, deadline).tobytes()
    payload = _read(channel, payload_length, deadline)
    try:
        described = json.loads(header)
        return described["fields"], _arrays(described["arrays"], payload)
    except (ValueError, TypeError, KeyError) as error:
        raise Closed from error


def _arrays(described: Mapping[str, Any], payload: memoryview) -> dict[str, Array | None]:
    arrays: dict[str, Array | None] = dict.fromkeys(described)
    for name, description in described.items():
        if description is not None:
            dtype, shape, strides, offset, length = description
            arrays[name] = np.ndarray(shape, _dtype(dtype), payload[:length], offset, strides)
            payload = payload[length:]
    return arrays


def _flat(array: Array) -> tuple[bytes | bytearray, int]:
    """Return memory that holds `array` with its strides, and where in it the first element is.

    The memory is whole cache lines, so that the next array begins at the edge of one.
    """
    if array.base is None and array.flags.c_contiguous:
        return array.tobytes() + bytes(-array.nbytes % _LINE), 0
    if not array.size:
        return b"", 0
    reach = [
        (length - 1) * stride for length, stride in zip(array.shape, array.strides, strict=True)
    ]
    below = -sum(r for r in reach if r < 0)
    above = sum(r for r in reach if r > 0) + array.itemsize
    offset = _lead(array, below) + below
    memory = bytearray(-(-(offset + above) // _LINE) * _LINE)
    np.ndarray(array.shape, array.dtype, memory, offset, array.strides)[...] = array
    return memory, offset


def _lead(array: Array, below: int) -> int:
    """Return how far from a line's edge the lowest element is, if its whole memory begins at one.

    Elements go as far as `below` bytes under the first.
    """
    if not isinstance(array.base, np.ndarray):
        return 0
    return (_address(array) - below - _address(array.base)) % _LINE


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _dtype(name: str) -> np.dtype[Any]:
    if name == "bfloat16":
        import ml_dtypes  # an interpreter without it has no use for the name

        bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return bfloat16
    dtype = np.dtype(name)
    if dtype.hasobject:
        raise ValueError(f"{name} stands for addresses, which mean nothing here")
    return dtype


def _read(channel: socket.socket, length: int, deadline: float | None) -> memoryview:
    """Return the next `length` bytes, in memory that begins at the edge of a cache line."""
    memory = np.empty(length + _LINE, np.uint8)
    start = -_address(memory) % _LINE
    whole = view = memory.data[start : start + length]
    while view:
        if deadline is not None:
            channel.settimeout(max(deadline - time.monotonic(), 1e-6))
        try:
            count = channel.recv_into(view)
        except TimeoutError:
            raise
        except OSError as error:
            raise Closed from error
        if count == 0:
            raise Closed
        view = view[count:]
    return whole
