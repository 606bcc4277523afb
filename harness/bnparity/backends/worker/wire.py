"""Messages between the harness and a worker: a JSON header and arrays, in memory that they share.

A few bytes on a socket say where in the memory the header is. No pickles: NumPy 1 and 2 do not read
each other's, and reading one would run its code. An array arrives with the strides it was sent
with, and begins as far from a cache line's edge as it did in its own memory; the gaps between
strided elements arrive as zeros.
"""

import json
import math
import socket
import struct
import time
from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np

from bnparity.backends.call import Array, Arrays, Outputs
from bnparity.backends.worker.memory import Memory

Message: TypeAlias = tuple[dict[str, Any], Outputs]

#: Number of the message, whether memory comes with it, where its header begins, how long it is.
_BELL = struct.Struct("<Q?QI")
_LARGEST_HEADER = 1 << 20
#: Bytes of a cache line: speed, and the paths of vector code, depend on where in one data begin.
_LINE = 64
#: Up to so many bytes go through a copy of them: making a view of the memory takes longer.
_SMALL = 4096


class Closed(Exception):
    """The other side has gone, or speaks another protocol."""


class Channel:
    """One end of a conversation: questions from the harness, answers from the worker.

    The other process has the other end of the ``connection``, and maps the same ``memory``; None
    is where that will come with the first message.
    """

    def __init__(self, connection: socket.socket, memory: Memory | None = None) -> None:
        self._connection = connection
        self._memory = memory
        self._lends = self._is_new = memory is not None
        self._seconds = math.inf
        self._number = self._used = 0

    def send(self, fields: Mapping[str, Any], arrays: Arrays) -> None:
        """Send an answer to what was received last: `fields`, which are plain JSON, and `arrays`.

        Raise `Closed` if the other side has gone, TimeoutError if there is a time limit and it does
        not read.
        """
        assert self._memory is not None
        described: dict[str, Any] = dict.fromkeys(arrays)
        end = self._used
        for name, array in arrays.items():
            if array is not None:
                offset, end = _placed(array, end)
                dtype = array.dtype.type.__name__  # its `name` takes longer than all the rest
                described[name] = (dtype, array.shape, array.strides, offset)
        header = json.dumps([dict(fields), described]).encode()
        self._memory.reach(end + len(header))
        for name, array in arrays.items():
            if array is not None:
                _write(array, self._memory, described[name][3])
        self._memory.map[end : end + len(header)] = header
        self._used = _next_line(end + len(header))
        self._ring(_BELL.pack(self._number, self._is_new, end, len(header)))

    def ask(self, fields: Mapping[str, Any], arrays: Arrays) -> None:
        """Send a question, and raise as `send`: what it finds in the memory is needed no more."""
        assert self._memory is not None
        if self._memory.is_lent():  # somebody keeps an answer: leave it to them
            self._memory.close()
            self._memory, self._is_new = Memory(), True
        self._number += 1
        self._used = 0
        self.send(fields, arrays)

    def receive(self) -> Message:
        """Return the fields and the arrays of the next message; arrays lie in the shared memory.

        An answer to an earlier question, which a copy of the worker may have sent, is left out.
        Raise `Closed` if the other side has gone, or speaks another protocol, TimeoutError if
        nothing has arrived within the limit.
        """
        asked, until = self._number, time.monotonic() + self._seconds
        while True:
            number, is_new, offset, length = self._heard(until)
            if number >= asked:
                break
        if length > _LARGEST_HEADER or (self._lends and (is_new or number > asked)):
            raise Closed
        self._number = number
        try:
            return self._read(offset, offset + length)
        except (
            *(ValueError, TypeError, KeyError, AttributeError),
            *(OSError, OverflowError, RecursionError),
        ) as error:
            raise Closed from error

    def close(self) -> None:
        """End the conversation."""
        self._connection.close()
        if self._memory is not None:
            self._memory.close()
            self._memory = None

    def limit(self, seconds: float) -> None:
        """Let no later message take longer to be sent, or to be received."""
        # The kernel's own limit: Python's costs another call of the system for each message.
        self._seconds = seconds
        microseconds = max(1, round(seconds * 1e6))  # 0 would be no limit
        limit = struct.pack("@ll", *divmod(microseconds, 10**6))
        for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
            self._connection.setsockopt(socket.SOL_SOCKET, option, limit)

    def _read(self, start: int, end: int) -> Message:
        """Return the message whose header is from `start` to `end`."""
        assert self._memory is not None
        self._memory.reach(end)
        fields, described = json.loads(self._memory.map[start:end].decode())
        self._used = _next_line(end)
        return dict(fields.items()), {name: self._array(a) for name, a in described.items()}

    def _array(self, described: list[Any] | None) -> Array | None:
        if described is None:
            return None
        assert self._memory is not None
        name, shape, strides, offset = described
        return np.ndarray(shape, _dtype(name), self._memory.map, offset, strides)

    def _ring(self, bell: bytes) -> None:
        assert self._memory is not None
        try:
            if self._is_new:
                socket.send_fds(self._connection, [bell], [self._memory.descriptor])
            else:
                self._connection.sendall(bell)
        except BlockingIOError as error:
            raise TimeoutError from error
        except OSError as error:
            raise Closed from error
        self._is_new = False

    def _heard(self, until: float) -> tuple[int, bool, int, int]:
        """Return number, newness, offset and length of a header; take the memory that came."""
        data, descriptors = b"", list[int]()
        while len(data) < _BELL.size:
            if time.monotonic() > until:  # somebody talks, and never says anything
                raise TimeoutError
            more, came = self._received(_BELL.size - len(data))
            data += more
            descriptors += came
        number, is_new, offset, length = _BELL.unpack(data)
        if is_new and descriptors:
            if self._memory is not None:
                self._memory.close()
            self._memory = Memory(descriptors[0])
        return number, is_new, offset, length

    def _received(self, most: int) -> tuple[bytes, list[int]]:
        """Return up to `most` bytes, and the descriptors that came with them.

        Who lends the memory takes no descriptors: a borrower's memory might shrink under it.
        """
        came: list[int] = []
        try:
            if self._lends:
                more = self._connection.recv(most)
            else:
                more, came, _, _ = socket.recv_fds(self._connection, most, 1)
        except BlockingIOError as error:
            raise TimeoutError from error
        except OSError as error:
            raise Closed from error
        if not more:
            raise Closed
        return more, came


def _placed(array: Array, start: int) -> tuple[int, int]:
    """Return where the first element of `array` goes, not before `start`, and where it all ends.

    The end is the end of a cache line, so that what follows begins at the edge of one.
    """
    start = _next_line(start)
    if not array.size:
        return start, start
    below, above = reach(array)
    offset = start + lead(array, below) + below
    return offset, _next_line(offset + above)


def _write(array: Array, memory: Memory, offset: int) -> None:
    if array.flags.c_contiguous and array.nbytes <= _SMALL:
        memory.map[offset : offset + array.nbytes] = array.tobytes()
        return
    place: Array = np.ndarray(array.shape, array.dtype, memory.map, offset, array.strides)
    if array.size and not array.flags.c_contiguous:
        below, above = reach(array)
        start = (offset - below) // _LINE * _LINE
        memory.map[start : offset + above] = bytes(offset + above - start)
    place[...] = array


def reach(array: Array) -> tuple[int, int]:
    """Return how many bytes `array` extends below its first element, and above."""
    if array.flags.c_contiguous:
        return 0, array.nbytes
    reaches = [
        (length - 1) * stride for length, stride in zip(array.shape, array.strides, strict=True)
    ]
    return -sum(r for r in reaches if r < 0), sum(r for r in reaches if r > 0) + array.itemsize


def lead(array: Array, below: int) -> int:
    """Return how far from a line's edge the lowest element is, if its whole memory begins at one.

    Elements go as far as `below` bytes under the first.
    """
    if not isinstance(array.base, np.ndarray):
        return 0
    return (_address(array) - below - _address(array.base)) % _LINE


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _next_line(offset: int) -> int:
    return -(-offset // _LINE) * _LINE


def _dtype(name: str) -> np.dtype[Any]:
    if name == "bfloat16":
        import ml_dtypes  # an interpreter without it has no use for the name

        bfloat16: np.dtype[Any] = np.dtype(ml_dtypes.bfloat16)
        return bfloat16
    dtype = np.dtype(name)
    if dtype.hasobject:
        raise ValueError(f"{name} is no format of numbers")  # but of addresses, to be followed
    return dtype
