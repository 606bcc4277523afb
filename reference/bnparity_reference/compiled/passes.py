"""Passes over double-double numbers by the compiled loops; None where the NumPy form is due.

That is where there are no loops (yet), and where arrays are not as loops take them: contiguous rows
of float64 that may be written to.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.compiled.loading import LOADING

Array: TypeAlias = NDArray[np.float64]
Operation: TypeAlias = Literal[
    "SUM", "DIFFERENCE", "PRODUCT", "QUOTIENT", "SHARE", "ROOT", "ROUNDED", "NORMALIZED"
]

P = ParamSpec("P")
Found = TypeVar("Found")


class Numbers(Protocol):
    """What `DoubleDouble` is to a pass."""

    @property
    def hi(self) -> Array:
        """The upper parts."""

    @property
    def lo(self) -> Array | None:
        """The lower parts, if there are any."""


def where_there_are_loops(
    work: Callable[Concatenate[Any, P], Found | None],
) -> Callable[P, Found | None]:
    """Give a pass the loops, and have it return None where there are none, or not for its arrays.

    Loops raise TypeError for arrays that they are not compiled for.
    """

    @wraps(work)
    def passed(*args: P.args, **kwargs: P.kwargs) -> Found | None:
        loops = LOADING.loops
        if loops is None:
            return None
        try:
            return work(loops, *args, **kwargs)
        except TypeError:
            return None

    return passed


@where_there_are_loops
def combined(loops: Any, how: Operation, a: Numbers, b: Numbers) -> tuple[Array, Array] | None:
    """Return what an operation makes of two; those on one take it twice."""
    (rows, n), (other_rows, other_n) = a.hi.shape, b.hi.shape
    shape = (other_rows if rows == 1 else rows, other_n if n == 1 else n)
    hi, lo = np.empty(shape), np.empty(shape)
    loops.combined(getattr(loops, how), _parts(a), _parts(b), hi, lo)
    return hi, lo


@where_there_are_loops
def total(loops: Any, a: Numbers, b: Numbers | None = None) -> tuple[Array, Array] | None:
    """Return the sum of each row (C, n), or of its products with another; where it is finite."""
    rows, n = a.hi.shape
    if n == 0 or (b is not None and b.hi.shape != a.hi.shape):
        return None
    hi, lo = np.empty((rows, 1)), np.empty((rows, 1))
    parts, room = _parts(a), (n + 1).bit_length()
    other = parts if b is None else _parts(b)
    finite = loops.total(parts, other, b is not None, room, hi, lo)
    return (hi, lo) if finite else None


@where_there_are_loops
def centred(loops: Any, data: Numbers, mean: Numbers) -> tuple[Array, Array] | None:
    """Return rows less a column, normalised."""
    if not _go_together(data, mean):
        return None
    hi, lo = np.empty(data.hi.shape), np.empty(data.hi.shape)
    loops.centred(_parts(data), _parts(mean), hi, lo)
    return hi, lo


@where_there_are_loops
def line(loops: Any, data: Numbers, slope: Numbers, offset: Numbers | None) -> Array | None:
    """Return rows times a column, and one added, rounded."""
    columns = slope if offset is None else offset
    if not _go_together(data, slope, columns):
        return None
    found = np.empty(data.hi.shape)
    loops.line(_parts(data), _parts(slope), _parts(columns), offset is not None, found)
    return found


@where_there_are_loops
def plane(
    loops: Any, data: Numbers, less: Numbers, other: Numbers, slope: Numbers, scale: Numbers
) -> Array | None:
    """Return (data - less - other * slope) * scale, rounded; data and other are rows."""
    alike = other.hi.shape == data.hi.shape
    if not alike or not _go_together(data, less, slope, scale):
        return None
    found = np.empty(data.hi.shape)
    loops.plane(*map(_parts, (data, less, other, slope, scale)), found)
    return found


@where_there_are_loops
def extremes(loops: Any, rows: Array, safe: int) -> int | None:
    """Return how many rows have a largest magnitude beyond 2 ** `safe` or its inverse."""
    if rows.ndim != 2:
        return None
    found: int = loops.extremes(rows, safe)
    return None if found < 0 else found


def _parts(numbers: Numbers) -> tuple[Array, Array, bool]:
    """Return numbers as loops take them; these do not look at what shapes they have."""
    hi, lo = numbers.hi, numbers.lo
    if lo is None:
        return hi, hi, False
    if lo.shape != hi.shape:
        raise TypeError("lower parts are not like upper parts: the NumPy form is due")
    return hi, lo, True


def _go_together(data: Numbers, *columns: Numbers) -> bool:
    """Return whether there is a number of each column for each row."""
    rows = len(data.hi)
    return all(column.hi.shape == (rows, 1) for column in columns)
