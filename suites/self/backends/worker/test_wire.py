"""What passes between the harness and a worker arrives as it was sent."""

import os
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from bnparity.backends.worker.memory import Memory
from bnparity.backends.worker.wire import Channel, Closed, Message
from numpy.typing import NDArray

#: How a message is announced: its number, whether memory comes, and where its header is.
BELL = struct.Struct("<Q?QI")

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
    "scalar": np.array(3),
    "large": np.random.default_rng(0).standard_normal((64, 64, 64)),
    "largest": np.zeros((3, 1 << 20), ml_dtypes.bfloat16),
}


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    """Return the harness's end of a conversation, and the worker's."""
    ours, theirs = socket.socketpair()
    asking, answering = Channel(ours, Memory()), Channel(theirs)
    asking.limit(0.2)
    answering.limit(0.2)
    yield asking, answering
    asking.close()
    answering.close()


Ends = tuple[Channel, Channel]


def sent(ends: Ends, arrays: dict[str, NDArray[Any] | None]) -> Message:
    """Return what arrives at the other end."""
    ends[0].ask({"eps": 1e-5, "momentum": None}, arrays)
    return ends[1].receive()


def arrived(ends: Ends, array: NDArray[Any]) -> NDArray[Any]:
    """Return what arrives of an array."""
    found = sent(ends, {"x": array})[1]["x"]
    assert found is not None
    return found


@pytest.mark.parametrize("name", ARRAYS)
def test_array_arrives_with_values_dtype_and_strides(ends: Ends, name: str) -> None:
    """A backend sees the layout that the case asks for."""
    array = ARRAYS[name]
    found = arrived(ends, array)
    assert np.array_equal(found, array)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    if array.size:
        assert found.strides == array.strides
    assert found.flags.writeable


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
    ends: Ends, array: NDArray[Any], bytes_beyond: int
) -> None:
    """A slice of larger memory is no better aligned in a worker than here."""
    assert from_the_edge(arrived(ends, array)) == bytes_beyond


def test_array_is_aligned_whatever_comes_before_it(ends: Ends) -> None:
    """Three halves are six bytes; the single-precision numbers after them begin at an edge."""
    _, arrays = sent(ends, {"odd": np.ones(3, np.float16), "x": BASE})
    assert arrays["x"] is not None
    assert from_the_edge(arrays["x"]) == 0
    assert np.array_equal(arrays["x"], BASE)


def test_gaps_between_elements_are_zeros(ends: Ends) -> None:
    """What an earlier message left in the memory does not show between strided elements."""
    sent(ends, {"x": np.full(240, 7.0, np.float32)})
    sliced = arrived(ends, BASE[..., ::2])
    whole = np.ndarray((*BASE.shape[:-1], 4), np.float32, sliced.base, 0, BASE.strides)
    assert not whole[..., 1::2].any()


def test_fields_and_missing_arrays_arrive(ends: Ends) -> None:
    """None stays None."""
    fields, arrays = sent(ends, {"x": BASE, "weight": None})
    assert fields == {"eps": 1e-5, "momentum": None}
    assert arrays["weight"] is None


def test_answer_leaves_the_question_as_it_was(ends: Ends) -> None:
    """Inputs and outputs lie side by side."""
    question = arrived(ends, BASE)
    ends[1].send({}, {"output": -BASE})
    _, answer = ends[0].receive()
    assert answer["output"] is not None
    assert np.array_equal(answer["output"], -BASE)
    assert np.array_equal(question, BASE)


def test_answer_that_is_kept_is_not_written_over(ends: Ends) -> None:
    """The next question goes to other memory while somebody holds an answer, and arrives."""
    arrived(ends, BASE)
    ends[1].send({}, {"output": -BASE})
    kept = ends[0].receive()[1]["output"]
    assert np.array_equal(arrived(ends, 2 * BASE), 2 * BASE)
    assert kept is not None
    assert np.array_equal(kept, -BASE)


def test_second_answer_to_a_question_is_left_out(ends: Ends) -> None:
    """A copy of the worker that answers too is not heard with the next question."""
    for word in ("first", "second"):
        if word == "first":
            sent(ends, {})
        ends[1].send({"word": word}, {})
    assert ends[0].receive()[0] == {"word": "first"}
    sent(ends, {})
    ends[1].send({"word": "third"}, {})
    assert ends[0].receive()[0] == {"word": "third"}


def test_closed_channel_is_told_from_a_slow_one(ends: Ends) -> None:
    """A dead process and a stuck one are different findings."""
    ends[0].ask({}, {})
    with pytest.raises(TimeoutError):
        ends[0].receive()
    ends[1].close()
    with pytest.raises(Closed):
        ends[0].receive()


@pytest.mark.parametrize(
    ("header", "length"),
    [
        (b"{{{{", 4),
        (b"{}", 2),
        (b"[{}]", 4),
        (b"\xff\xff", 2),
        (b'[{}, {"x": ["float32", [9], [4], 99999999999]}]', 47),
        (b'[{}, {"x": ["float32", [99999999], [4], 0]}]', 44),
        (b'[{}, {"x": ["object", [1], [8], 0]}]', 36),
        (b"[{}, []]", 8),
        (b"[[], {}]", 8),
        (b"[" * 100_000, 100_000),
        (b"", 1 << 30),
    ],
    ids=[
        *("json", "fields", "few", "text", "beyond", "larger", "objects"),
        *("listed", "unnamed", "nested", "long"),
    ],
)
def test_garbage_is_not_read_as_a_message(header: bytes, length: int) -> None:
    """A header of absurd length, of other words, or of arrays outside the memory is no message."""
    ours, theirs = socket.socketpair()
    memory = Memory()
    channel = Channel(ours, memory)
    channel.ask({}, {})
    memory.map[: len(header)] = header
    with theirs:
        theirs.sendall(BELL.pack(1, False, 0, length))
        with pytest.raises(Closed):
            channel.receive()
    channel.close()


@pytest.fixture
def asked() -> Iterator[tuple[Channel, Memory, socket.socket]]:
    """Return the harness's end after a question, its memory, and the bare other end."""
    ours, theirs = socket.socketpair()
    memory = Memory()
    channel = Channel(ours, memory)
    channel.limit(0.2)
    channel.ask({}, {})
    memory.map[:8] = b"[{}, {}]"
    with theirs:
        yield channel, memory, theirs
    channel.close()


Asked = tuple[Channel, Memory, socket.socket]


def test_answer_to_a_question_that_was_not_asked_is_refused(asked: Asked) -> None:
    """A number from the future would have every answer left out that comes later."""
    channel, _, theirs = asked
    theirs.sendall(BELL.pack(2**64 - 1, False, 0, 8))
    with pytest.raises(Closed):
        channel.receive()


def test_memory_of_the_worker_is_refused(asked: Asked) -> None:
    """The harness maps no file but its own: another's could shrink while it is read."""
    channel, _, theirs = asked
    descriptor = os.memfd_create("foreign")
    os.truncate(descriptor, 1 << 20)
    os.pwrite(descriptor, b"[{}, {}]", 0)
    socket.send_fds(theirs, [BELL.pack(1, True, 0, 8)], [descriptor])
    os.close(descriptor)
    with pytest.raises(Closed):
        channel.receive()


def test_descriptors_that_a_worker_sends_are_not_kept(asked: Asked) -> None:
    """A message that brings an open file leaves none open here."""
    channel, _, theirs = asked
    reading, writing = os.pipe()
    socket.send_fds(theirs, [BELL.pack(1, False, 0, 8)], [writing])
    os.close(writing)
    assert channel.receive() == ({}, {})
    os.set_blocking(reading, False)
    assert os.read(reading, 1) == b""  # the end: nobody has the other side
    os.close(reading)


@pytest.mark.parametrize("bell", [bytes(21), b"\x00"], ids=["old", "unfinished"])
def test_talk_without_an_answer_is_no_answer(asked: Asked, bell: bytes) -> None:
    """Whatever keeps coming, the limit is that of the answer."""
    channel, _, theirs = asked
    over = threading.Event()

    def talk() -> None:
        for _ in range(20):
            if not over.wait(0.05):
                theirs.sendall(bell)

    talking = threading.Thread(target=talk)
    talking.start()
    with pytest.raises(TimeoutError):
        channel.receive()
    over.set()
    talking.join()


def test_memory_that_is_shared_cannot_shrink(asked: Asked) -> None:
    """To read a mapping of a file that has shrunk ends a process: no worker can bring it about."""
    _, memory, _ = asked
    with pytest.raises(PermissionError):
        os.ftruncate(memory.descriptor, 0)
    assert memory.map[:8] == b"[{}, {}]"
