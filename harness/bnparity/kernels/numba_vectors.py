"""Loops down the rows of some columns, whose sums and factors stay in registers all the way.

A loop along a row has to read and write the sums of every column at every row. Numba has no
vectors to keep them in, so that these loops are written in LLVM's terms: what they hold is as wide
as they are told, and LLVM makes of it what the processor has.
"""
# ruff: noqa: ARG001  # Numba reads the arguments of an intrinsic from those of what types it

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.core import cgutils as untyped
from numba.extending import intrinsic

from bnparity.kernels.numba_formats import from_stored, to_stored

cgutils: Any = untyped

Terms = Callable[[Any, Sequence[Any], Any], tuple[Any, Any]]
Formula = Callable[[Any, Sequence[Any], Sequence[Any]], Any]

#: Products may be fused with sums.
FUSED = ("contract",)
#: By how many columns they are taken: what the registers of vectors of 512 bits hold, then fewer.
WIDTHS = (64, 8, 1)
#: Rows between what is read and what is fetched meanwhile; bytes of a line of the cache.
AHEAD, LINE = 16, 64

_I32, _I64 = ir.IntType(32), ir.IntType(64)


def summing(terms: Terms) -> Callable[..., None]:
    """Return a loop, as `_loop` has it, that adds two terms of each row to sums of its columns.

    A row of the sums, ``(3, L)`` in float64, has what values are taken about, the others a sum of
    each term.
    """

    def add(builder: Any, arrays: Any, cells: Any, held: Any, each_row: Any) -> None:
        shift, *before = held
        found = [cgutils.alloca_once_value(builder, value) for value in before]
        for values, _ in each_row(arrays):
            wide = [_doubled(builder, value) for value in values]
            for total, term in zip(found, terms(builder, wide, shift), strict=True):
                builder.store(builder.fadd(builder.load(total), term, flags=FUSED), total)
        for total, cell in zip(found, cells[1:], strict=True):
            _store(builder, builder.load(total), *cell)

    return _loop(3, add)


def filling(factors: int, formula: Formula) -> Callable[..., None]:
    """Return a loop, as `_loop` has it, that fills the columns of each row by a formula.

    The last of its arrays is what to fill; `factors` are the formula's, ``(factors, L)`` in the
    arithmetic of the data.
    """

    def fill(builder: Any, arrays: Any, cells: Any, held: Any, each_row: Any) -> None:
        *sources, target = arrays
        for values, here in each_row(sources):
            _store(builder, formula(builder, values, held), *target(here))

    return _loop(factors, fill)


def _loop(height: int, step: Callable[..., None]) -> Callable[..., None]:
    """Return a loop down the rows of some columns, a step for each block of rows and columns.

    It is called with contiguous arrays as a tuple; the index at which to begin, the gap between
    rows, their number, and how many columns there are; how many rows to go down at once; and
    numbers of each column, ``(height, L)``. L may be a multiple of the columns, which are all that
    a row has then: so many rows are taken as one, as far as they go.
    """

    def typed(_: Any, data: Any, place: Any, deep: Any, by: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            flat = partial(_flat, context, builder)
            arrays = list(map(flat, data, cgutils.unpack_tuple(builder, given[0])))
            number = flat(by, given[3])
            shape = context.make_array(by)(context, builder, given[3]).shape
            length = builder.extract_value(shape, 1)

            def down(at: Any, gap: Any, count: Any, k: Any, width: int) -> None:
                starts = (builder.mul(_I64(row), length) for row in range(height))
                cells = [number(builder.add(start, k)) for start in starts]
                held = [_load(builder, *cell, width=width) for cell in cells]
                each_row = partial(_each_row, builder, at, gap, count, width)
                step(builder, arrays, cells, held, each_row)

            begin, gap, rows, columns = cgutils.unpack_tuple(builder, given[1])
            for times in (builder.sdiv(length, columns), _I64(1)):
                many, apart = builder.sdiv(rows, times), builder.mul(gap, times)
                taken = (begin, apart, many, builder.mul(columns, times))
                _in_blocks(builder, taken, given[2], down)
                begin = builder.add(begin, builder.mul(many, apart))
                rows = builder.sub(rows, builder.mul(many, times))
            return context.get_dummy_value()

        return types.void(data, place, types.int64, by), build

    made: Callable[..., None] = intrinsic(typed)
    return made


def _in_blocks(builder: Any, place: Any, deep: Any, down: Callable[..., None]) -> None:
    """Go down some rows at once, by as many columns as `WIDTHS` allow, then down the next."""
    at, gap, rows, columns = place
    blocks = builder.sdiv(builder.add(rows, builder.sub(deep, _I64(1))), deep)
    with cgutils.for_range(builder, blocks) as block:
        first = builder.mul(block.index, deep)
        left = builder.sub(rows, first)
        count = builder.select(builder.icmp_signed("<", left, deep), left, deep)
        begin, k = builder.add(at, builder.mul(first, gap)), _I64(0)
        for width in WIDTHS:
            times = builder.sdiv(builder.sub(columns, k), _I64(width))
            with cgutils.for_range(builder, times) as tile:
                column = builder.add(k, builder.mul(tile.index, _I64(width)))
                down(builder.add(begin, column), gap, count, column, width)
            k = builder.add(k, builder.mul(times, _I64(width)))


def _each_row(
    builder: Any, begin: Any, gap: Any, rows: Any, width: int, arrays: Any
) -> Iterator[tuple[list[Any], Any]]:
    """Yield, in a loop over rows, their values and where they are; later ones are fetched."""
    with cgutils.for_range(builder, rows) as loop:
        here = builder.add(begin, builder.mul(loop.index, gap))
        values = [_load(builder, *array(here), width=width) for array in arrays]
        later = builder.add(here, builder.mul(_I64(AHEAD), gap))
        for array in arrays:
            _fetch(builder, *array(later), width=width)
        yield values, here


def _flat(context: Any, builder: Any, array: Any, value: Any) -> Callable[[Any], Any]:
    """Return what tells where a value of a contiguous array is, and how it is stored."""
    first = context.make_array(array)(context, builder, value).data
    return lambda index: (builder.gep(first, [index]), array.dtype)


def _load(builder: Any, pointer: Any, element: Any, *, width: int) -> Any:
    """Return a vector of stored numbers in the arithmetic of their format."""
    place = builder.bitcast(pointer, ir.VectorType(pointer.type.pointee, width).as_pointer())
    return from_stored(builder, builder.load(place, align=element.bitwidth // 8), element)


def _fetch(builder: Any, pointer: Any, element: Any, *, width: int) -> None:
    """Have what will be read soon brought to the nearest cache; nothing is read outside an array.

    The processor sees by itself what comes next in one row, not where the next row begins.
    """
    byte = ir.IntType(8).as_pointer()
    kind = ir.FunctionType(ir.VoidType(), [byte, _I32, _I32, _I32])
    fetch = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0i8")
    reading, near, data = (ir.Constant(_I32, value) for value in (0, 3, 1))
    for line in range(0, width * element.bitwidth // 8, LINE):
        place = builder.gep(builder.bitcast(pointer, byte), [ir.Constant(_I64, line)])
        builder.call(fetch, [place, reading, near, data])


def _store(builder: Any, values: Any, pointer: Any, element: Any) -> None:
    """Store a vector in a format."""
    stored = to_stored(builder, values, element)
    place = builder.bitcast(pointer, stored.type.as_pointer())
    builder.store(stored, place, align=element.bitwidth // 8)


def _doubled(builder: Any, values: Any) -> Any:
    wide = ir.VectorType(ir.DoubleType(), values.type.count)
    return values if values.type == wide else builder.fpext(values, wide)


def _moments(builder: Any, values: Sequence[Any], shift: Any) -> tuple[Any, Any]:
    d = builder.fsub(values[0], shift)
    return d, builder.fmul(d, d, flags=FUSED)


def _products(builder: Any, values: Sequence[Any], mean: Any) -> tuple[Any, Any]:
    grad, x = values
    return grad, builder.fmul(grad, builder.fsub(x, mean), flags=FUSED)


def _scaled(builder: Any, values: Sequence[Any], by: Sequence[Any]) -> Any:
    mean, gain, bias = by
    scaled = builder.fmul(builder.fsub(values[0], mean), gain, flags=FUSED)
    return builder.fadd(scaled, bias, flags=FUSED)


def _propagated(builder: Any, values: Sequence[Any], by: Sequence[Any]) -> Any:
    (grad, x), (mean, inverse, gain, share, slope) = values, by
    normalized = builder.fmul(builder.fsub(x, mean), inverse)
    along = builder.fmul(normalized, slope, flags=FUSED)
    return builder.fmul(builder.fsub(builder.fsub(grad, share), along, flags=FUSED), gain)


_add_moments, _add_products = summing(_moments), summing(_products)
_scale, _propagate = filling(3, _scaled), filling(5, _propagated)


# Functions of their own: among other code, LLVM keeps less of what they hold in registers.
@njit(cache=True)
def add_moments(data: Any, place: Any, deep: int, sums: Any) -> None:
    """Add distances from the first row of the sums, and their squares."""
    _add_moments(data, place, deep, sums)


@njit(cache=True)
def add_products(data: Any, place: Any, deep: int, sums: Any) -> None:
    """Add gradients, and those times the data's distances from the first row of the sums."""
    _add_products(data, place, deep, sums)


@njit(cache=True)
def scale(data: Any, place: Any, deep: int, by: Any) -> None:
    """Fill data less the mean, times the gain, plus the bias."""
    _scale(data, place, deep, by)


@njit(cache=True)
def propagate(data: Any, place: Any, deep: int, by: Any) -> None:
    """Fill the gradient by data from mean, inverse, gain, share and slope."""
    _propagate(data, place, deep, by)
