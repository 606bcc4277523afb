"""What passes between the harness and a worker arrives as it was sent."""

import socket
import struct
import threading
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from bnparity.worker.wire import Closed, receive, send
from numpy.typing import NDArray

BASE = np.arange(240, dtype=np.float32).reshape(4, 3, 4, 5)
ARRAYS: dict[str, NDArray[Any]] = {
    "contiguous": BASE,
    "sliced": BASE[:, :, ::2, 1::2],
    "transposed": np.asfortranarray(BASE),
    "reversed": BASE[..., ::-1],
    "offset": BASE[1:],
    "broadcast": np.broadcast_to(BASE[:1], BASE.shape),
    "empty": BASE[:0],
    "half": BASE.astype(np.float16),
    "bfloat16": BASE.astype(ml_dtypes.bfloat16),
}


def sent(arrays: dict[str, NDArray[Any] | None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what arrives at the other end of a channel."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(target=send, args=(ours, {"eps": 1e-5, "momentum": None}, arrays))
        sender.start()
        message = receive(theirs, seconds=10)
        sender.join()
    return message


@pytest.mark.parametrize("name", ARRAYS)
def test_array_arrives_with_values_dtype_and_strides(name: str) -> None:
    """A backend sees the layout that the case asks for."""
    array = ARRAYS[name]
    arrived = sent({"x": array})[1]["x"]
    assert np.array_equal(arrived, array)
    assert (arrived.dtype, arrived.shape) == (array.dtype, array.shape)
    if array.size:
        assert arrived.strides == array.strides
    assert arrived.flags.writeable


def from_the_edge(array: NDArray[Any]) -> int:
    """Return how many bytes beyond the edge of a cache line the first element is."""
    address: int = array.__array_interface__["data"][0]
    return address % 64


@pytest.mark.parametrize(
    ("array", "bytes_beyond"),
    [(BASE, 0), (BASE[1:], 240 % 64), (BASE[..., 1::2], 4), (BASE[..., ::-1], 16)],
    ids=["contiguous", "offset", "sliced", "reversed"],
)
def test_array_begins_where_it_began_in_its_own_memory(
    array: NDArray[Any], bytes_beyond: int
) -> None:
    """A slice of larger memory is no better aligned in a worker than here."""
    assert from_the_edge(sent({"x": array})[1]["x"]) == bytes_beyond


def test_array_is_aligned_whatever_comes_before_it() -> None:
    """Three halves are six bytes; the single-precision numbers after them begin at an edge."""
    arrived = sent({"odd": np.ones(3, np.float16), "x": BASE})[1]
    assert from_the_edge(arrived["x"]) == 0
    assert np.array_equal(arrived["x"], BASE)


def test_array_of_objects_is_not_read() -> None:
    """Its elements are addresses of another process: to read one would be the end of this one."""
    with pytest.raises(Closed):
        sent({"x": np.array([None, "text"])})


def test_fields_and_missing_arrays_arrive() -> None:
    """None stays None."""
    assert sent({"x": BASE, "weight": None})[0] == {"eps": 1e-5, "momentum": None}
    assert sent({"x": BASE, "weight": None})[1]["weight"] is None


def test_large_array_arrives_whole() -> None:
    """More than a socket buffer holds is read in pieces."""
    large = np.random.default_rng(0).standard_normal((64, 64, 64))
    assert np.array_equal(sent({"x": large})[1]["x"], large)


def test_closed_channel_is_told_from_a_slow_one() -> None:
    """A dead process and a stuck one are different findings."""
    ours, theirs = socket.socketpair()
    with theirs:
        with ours, pytest.raises(TimeoutError):
            receive(ours, seconds=0.05)
        with pytest.raises(Closed):
            receive(theirs, seconds=1)


@pytest.mark.parametrize(
    "garbage",
    [b"\xff" * 64, struct.pack("<IQ", 4, 0) + b"{{{{", struct.pack("<IQ", 2, 0) + b"{}"],
    ids=["length", "header", "fields"],
)
def test_garbage_is_not_read_as_a_message(garbage: bytes) -> None:
    """A header of absurd length, or of other words, is another protocol."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(garbage)
        with pytest.raises(Closed):
            receive(theirs, seconds=1)
