"""Backends that misbehave, each in one way."""

import os
import signal
import sys
import time
from typing import Any

import numpy as np


def _right(x: Any) -> dict[str, Any]:
    return {"output": np.zeros_like(x)}


def noisy(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    print("garbage" * 1000)
    sys.stderr.write("more garbage\n")
    os.write(1, b"\x00\xff" * 1000)
    return _right(x)


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


def writing(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    x += 1
    return _right(x)


def raising(x: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
    raise ZeroDivisionError("by x\nand a second line")


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
