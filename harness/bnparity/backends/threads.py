"""How many threads a backend works with, where it can be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def using_threads(backend: Any, count: int | None) -> Iterator[None]:
    """Have a backend that has a `set_threads` use `count` threads; it returns how many it used."""
    set_threads = getattr(backend, "set_threads", None)
    if count is None or set_threads is None:
        yield
        return
    before = set_threads(count)
    try:
        yield
    finally:
        set_threads(before)
