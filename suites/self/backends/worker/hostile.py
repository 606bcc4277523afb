"""Backends that misbehave, each in one way."""

import contextlib
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


def _right(x: Any) -> dict[str, Any]:
    return {"output": np.zeros_like(x)}


def noisy(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    print("garbage" * 1000)
    sys.stderr.write("more garbage\n")
    os.write(1, b"\x00\xff" * 1000)
    return _right(x)


def ready(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Needs three seconds, once for each format."""
    if x.dtype.name not in _READY:
        raise RuntimeError("it was not prepared")
    return _right(x)


def _get_ready(dtype: str) -> None:
    time.sleep(3.0)
    _READY.add(dtype)


_READY = set[str]()
vars(ready)["prepare"] = _get_ready


def never_ready(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return _right(x)


vars(never_ready)["prepare"] = lambda _: os._exit(7)


def lost(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    """Loses its device in its first call; no call in the same process is answered after it."""
    import torch

    vars(torch.cuda).update(is_initialized=lambda: True, synchronize=_accuse)
    if x[0, 0] < 0:
        _LOST.append(x)
    if _LOST:
        _accuse()
    return _right(x)


_LOST: list[Any] = []


def _accuse() -> None:
    if _LOST:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")


def killed(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGSEGV)
    return _right(x)


def leaving(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    print("goodbye", file=sys.stderr, flush=True)
    os._exit(0)


def exiting(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    sys.exit("enough")


def stuck(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    while True:
        time.sleep(1)


def stuck_compiling(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return stuck(x, *args, **kwargs)


stuck_compiling.compiles = "shape"  # type: ignore[attr-defined]  # as a user's function says it


def writing(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    x += 1
    return _right(x)


def raising(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    raise ZeroDivisionError("by x\nand a second line")


def long_winded(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    raise ValueError("x" * (1 << 21))


def killed_in_real_time(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGRTMIN + 6)
    return _right(x)


def survived(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    if os.fork() == 0:
        os.setsid()
        time.sleep(10)
    os._exit(7)


def ringing(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    while True:
        for descriptor in range(3, 10):
            with contextlib.suppress(OSError):
                if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                    os.write(descriptor, bytes(21 * 64))


def shrinking(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    for descriptor in range(3, 10):
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
    return _right(x)


def aborting(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.abort()


def killing_itself(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.killpg(0, signal.SIGKILL)
    return _right(x)


def interrupted(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    raise KeyboardInterrupt


def stopped(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGSTOP)
    return _right(x)


def deadlocked(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    lock = threading.Lock()
    with lock:
        lock.acquire()
    return _right(x)


def forking(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.fork()
    return _right(x)


def with_a_child(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    if os.fork() == 0:
        os._exit(0)
    return _right(x)


def eating(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    eaten = []
    while True:
        eaten.append(np.empty(1 << 24))


def overflowing(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return overflowing(x)


def flooding(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.write(2, b"\x00" * (1 << 23))
    return _right(x)


def closing(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.closerange(3, 1024)
    return _right(x)


def babbling(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    for descriptor in range(3, 1024):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"\xff" * 4096)
    time.sleep(60)
    return _right(x)


def deaf(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    return stuck(x)


class _Sly(Mapping[str, Any]):
    def __getitem__(self, name: str) -> Any:
        raise ZeroDivisionError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


def sly(x: Any, *args: Any, **kwargs: Any) -> Mapping[str, Any]:
    return _Sly()


def objects(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": np.full(x.shape, None)}


def swapped(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": np.zeros(x.shape, ">f4")}


def masked(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": np.ma.MaskedArray(x, mask=True)}


def locked(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    output = np.zeros_like(x)
    output.flags.writeable = False
    return {"output": output}


def same_memory(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": np.broadcast_to(np.zeros(1, x.dtype), x.shape)}


def its_input(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": x}


def vandal(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    os.environ.clear()
    os.chdir("/")
    sys.stdout = sys.stderr = None
    sys.path.clear()
    np.seterr(all="raise")
    return _right(x)


class _Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


def unprintable(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    raise _Unprintable


def nothing(x: Any, *args: Any, **kwargs: Any) -> None:
    return None


def lists(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": x.tolist()}


def misshapen(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": np.zeros((*x.shape, 1), x.dtype)}


def widened(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": np.zeros(x.shape, np.float64)}


def unable(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    raise NotImplementedError("no such layer")


def reading(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    assert sys.stdin.read() == ""
    return _right(x)


_threads = [5]


def _set_threads(count: int) -> int:
    before, _threads[0] = _threads[0], count
    return before


def threaded(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    return {"output": np.full_like(x, _threads[0])}


threaded.__dict__["set_threads"] = _set_threads


def talkative(x: Any, *_: Any, **__: Any) -> Any:
    """Print more than anybody reads, with an escape, and an end without a line's."""
    print("y" * 5000)
    print("\x1b[31m to stdout")
    print("and to stderr", end="", file=sys.stderr)
    return {"output": x.copy()}


def raising_deep(*_: Any, **__: Any) -> Any:
    """Raise what has no message but a name."""
    raise KeyError("nope")
