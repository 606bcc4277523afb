"""Messages between the harness and a worker: a JSON header, then the arrays' raw bytes.

No pickles: NumPy 1 and 2 do not read each other's, and reading one would run its code. An array
arrives with the strides it was sent with; the gaps between strided elements arrive as zeros.
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
    buffers: list[bytes] = []
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
    header = bytes(_read(channel, header_length, deadline))
    payload = memoryview(_read(channel, payload_length, deadline))
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


def _flat(array: Array) -> tuple[bytes, int]:
    """Return memory that holds `array` with its strides, and where in it the first element is."""
    if array.flags.c_contiguous:
        return array.tobytes(), 0
    reach = [
        (length - 1) * stride for length, stride in zip(array.shape, array.strides, strict=True)
    ]
    offset = -sum(r for r in reach if r < 0)
    memory = bytearray(offset + sum(r for r in reach if r > 0) + array.itemsize)
    np.ndarray(array.shape, array.dtype, memory, offset, array.strides)[...] = array
    return bytes(memory), offset


def _dtype(name: str) -> np.dtype[Any]:
    if name == "bfloat16":
        import ml_dtypes  # an interpreter without it has no use for the name

        bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return bfloat16
    return np.dtype(name)


def _read(channel: socket.socket, length: int, deadline: float | None) -> bytearray:
    data = bytearray(length)
    view = memoryview(data)
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
    return data
