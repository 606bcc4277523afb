"""Passes over rows (C, n), number by number, in one loop each."""

from numba import njit, types

from bnparity_reference.compiled.numbers import (
    KEPT,
    NUMBERS,
    ROWS,
    Array,
    Numbers,
    added,
    negative,
    normalized,
    of,
    product,
    quotient,
    root,
    rounded,
    share,
)

#: What `combined` makes of two operands; the last three look at the first alone.
SUM, DIFFERENCE, PRODUCT, QUOTIENT, SHARE, ROOT, ROUNDED, NORMALIZED = range(8)


@njit(types.void(types.int64, NUMBERS, NUMBERS, ROWS, ROWS), **KEPT)
def combined(how: int, a: Numbers, b: Numbers, hi: Array, lo: Array) -> None:
    """Fill what an operation makes of two; one row, or one column, goes with all of the other."""
    a_row, a_place = int(a[0].shape[0] > 1), int(a[0].shape[1] > 1)
    b_row, b_place = int(b[0].shape[0] > 1), int(b[0].shape[1] > 1)
    for i in range(hi.shape[0]):
        for j in range(hi.shape[1]):
            one, other = of(a, i * a_row, j * a_place), of(b, i * b_row, j * b_place)
            if how == SUM:
                found = added(one, other)
            elif how == DIFFERENCE:
                found = added(one, negative(other))
            elif how == PRODUCT:
                found = product(one, other)
            elif how == QUOTIENT:
                found = quotient(one, other)
            elif how == SHARE:
                found = share(one, other[0])
            elif how == ROOT:
                found = root(one)
            elif how == ROUNDED:
                found = rounded(one), 0.0, False
            else:
                found = normalized(one)
            hi[i, j], lo[i, j] = found[0], found[1]


@njit(types.void(NUMBERS, NUMBERS, ROWS, ROWS), **KEPT)
def centred(data: Numbers, mean: Numbers, hi: Array, lo: Array) -> None:
    """Fill the data less a column, normalised."""
    for i in range(hi.shape[0]):
        less = negative(of(mean, i, 0))
        for j in range(hi.shape[1]):
            hi[i, j], lo[i, j], _ = normalized(added(of(data, i, j), less))


@njit(types.void(NUMBERS, NUMBERS, NUMBERS, types.boolean, ROWS), **KEPT)
def line(data: Numbers, slope: Numbers, offset: Numbers, moved: bool, found: Array) -> None:
    """Fill the data times a column, and another column added if they are to be moved, rounded."""
    for i in range(found.shape[0]):
        factor, term = of(slope, i, 0), of(offset, i, 0)
        for j in range(found.shape[1]):
            number = product(of(data, i, j), factor)
            if moved:
                number = added(number, term)
            found[i, j] = rounded(number)


@njit(types.void(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS, ROWS), **KEPT)
def plane(
    data: Numbers, less: Numbers, other: Numbers, slope: Numbers, scale: Numbers, found: Array
) -> None:
    """Fill (data - less - other * slope) * scale, rounded; all but data and other are columns."""
    for i in range(found.shape[0]):
        term, down = negative(of(less, i, 0)), negative(of(slope, i, 0))
        factor = of(scale, i, 0)
        for j in range(found.shape[1]):
            rest = added(of(data, i, j), term)
            rest = added(rest, product(of(other, i, j), down))
            found[i, j] = rounded(product(rest, factor))
