"""How the loops see an array: rows or planes, always where it lies, never a copy."""

from math import prod
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]

#: Fewer values than this behind a channel are no row of their own, but columns.
SHORT = 64


def run_of(*arrays: Array) -> int | None:
    """Return how many columns a channel of `arrays`, of one shape, is as rows.

    It is 0 where they are planes, one behind another, and None where there are gaps between them.
    """
    behind = prod(arrays[0].shape[2:])
    if all(array.flags.c_contiguous for array in arrays):
        return behind if behind < SHORT else 0
    return 1 if all(_last(array).flags.c_contiguous for array in arrays) else None


def rows(run: int, *arrays: Array) -> tuple[Array, ...]:
    """Return each of `arrays` as contiguous ``(M, K)``, K being the channels times `run`."""
    columns = arrays[0].shape[1] * run
    if run == prod(arrays[0].shape[2:]) and arrays[0].flags.c_contiguous:
        return tuple(array.reshape(-1, columns) for array in arrays)
    return tuple(_last(array).reshape(-1, columns) for array in arrays)


def planes(*arrays: Array) -> tuple[Array, ...]:
    """Return each of `arrays`, of one shape, as ``(N, C, D, H, W)``.

    If all are contiguous, all that lies behind a channel is W.
    """
    shape = arrays[0].shape
    if all(array.flags.c_contiguous for array in arrays):
        seen: tuple[int, ...] = (*shape[:2], 1, 1, prod(shape[2:]))
    else:
        seen = (*shape[:2], *(1,) * (5 - len(shape)), *shape[2:])
    return tuple(array.reshape(seen) for array in arrays)


def _last(array: Array) -> Array:
    """Return `array` with its channels as the last axis."""
    return array.transpose(0, *range(2, array.ndim), 1)
