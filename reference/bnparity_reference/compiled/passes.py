"""Passes over double-double numbers by the compiled loops; None where the NumPy form is due.

That is where there are no loops (yet), and where arrays are not as loops take them: contiguous rows
of float64 that may be written to.
"""

from typing import Literal, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.compiled.loading import LOADING

Array: TypeAlias = NDArray[np.float64]
Operation: TypeAlias = Literal[
    "SUM", "DIFFERENCE", "PRODUCT", "QUOTIENT", "SHARE", "ROOT", "ROUNDED", "NORMALIZED"
]


class Numbers(Protocol):
    """What `DoubleDouble` is to a pass."""

    @property
    def hi(self) -> Array:
        """The upper parts."""

    @property
    def lo(self) -> Array | None:
        """The lower parts, if there are any."""


def combined(how: Operation, a: Numbers, b: Numbers) -> tuple[Array, Array] | None:
    """Return what an operation makes of two; those on one take it twice."""
    loops = LOADING.loops
    if loops is None:
        return None
    (rows, n), (other_rows, other_n) = a.hi.shape, b.hi.shape
    shape = (other_rows if rows == 1 else rows, other_n if n == 1 else n)
    hi, lo = np.empty(shape), np.empty(shape)
    try:
        loops.combined(getattr(loops, how), _parts(a), _parts(b), hi, lo)
    except TypeError:
        return None
    return hi, lo


def total(a: Numbers, b: Numbers | None = None) -> tuple[Array, Array] | None:
    """Return the sum of each row (C, n), or of its products with another; where it is finite."""
    loops = LOADING.loops
    rows, n = a.hi.shape
    if loops is None or n == 0 or (b is not None and b.hi.shape != a.hi.shape):
        return None
    hi, lo = np.empty((rows, 1)), np.empty((rows, 1))
    parts, room = _parts(a), (n + 1).bit_length()
    try:
        other = parts if b is None else _parts(b)
        finite = loops.total(parts, other, b is not None, room, hi, lo)
    except TypeError:
        return None
    return (hi, lo) if finite else None


def centred(data: Numbers, mean: Numbers) -> tuple[Array, Array] | None:
    """Return rows less a column, normalised."""
    loops = LOADING.loops
    if loops is None or not _go_together(data, mean):
        return None
    hi, lo = np.empty(data.hi.shape), np.empty(data.hi.shape)
    try:
        loops.centred(_parts(data), _parts(mean), hi, lo)
    except TypeError:
        return None
    return hi, lo


def line(data: Numbers, slope: Numbers, offset: Numbers | None) -> Array | None:
    """Return rows times a column, and one added, rounded."""
    loops = LOADING.loops
    columns = slope if offset is None else offset
    if loops is None or not _go_together(data, slope, columns):
        return None
    found = np.empty(data.hi.shape)
    try:
        loops.line(_parts(data), _parts(slope), _parts(columns), offset is not None, found)
    except TypeError:
        return None
    return found


def plane(
    data: Numbers, less: Numbers, other: Numbers, slope: Numbers, scale: Numbers
) -> Array | None:
    """Return (data - less - other * slope) * scale, rounded; data and other are rows."""
    loops = LOADING.loops
    alike = other.hi.shape == data.hi.shape
    if loops is None or not alike or not _go_together(data, less, slope, scale):
        return None
    found = np.empty(data.hi.shape)
    try:
        loops.plane(*map(_parts, (data, less, other, slope, scale)), found)
    except TypeError:
        return None
    return found


def extremes(rows: Array, safe: int) -> int | None:
    """Return how many rows have a largest magnitude beyond 2 ** `safe` or its inverse."""
    loops = LOADING.loops
    if loops is None or rows.ndim != 2:
        return None
    try:
        found: int = loops.extremes(rows, safe)
    except TypeError:
        return None
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
