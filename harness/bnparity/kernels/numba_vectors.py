"""Loops down the rows of some columns, whose sums and factors stay in registers all the way.

A loop along a row has to read and write the sums of every column at every row. Numba has no
vectors to keep them in, so that these loops are written in LLVM's terms: what they hold is as wide
as they are told, and LLVM makes of it what the processor has.
"""
# ruff: noqa: ARG001  # Numba reads the arguments of an intrinsic from those of what types it

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from bnparity.kernels.numba_formats import from_stored, to_stored

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
    """Return a loop that adds two terms of each row to the sums of its columns, in float64.

    It is called with flat arrays as a tuple, the index at which to begin, the gap between rows,
    their number, how many to go down at once, the sums, ``(3, L)``, and how many columns there are.
    A row of the sums has what the values are taken about, the others a sum of each term.
    """

    def typed(
        _: Any, data: Any, at: Any, gap: Any, rows: Any, deep: Any, sums: Any, columns: Any
    ) -> Any:
        def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            arrays = _flats(context, builder, data, given[0])

            def down(begin: Any, count: Any, k: Any, width: int) -> None:
                about, *cells = _rows(context, builder, sums, given[5], 3, k)
                shift = _load(builder, about, sums.dtype, width=width)
                held = [_load(builder, cell, sums.dtype, width=width) for cell in cells]
                found = [_variable(builder, value) for value in held]
                for values, _ in _each_row(builder, arrays, begin, given[2], count, width):
                    wide = [_doubled(builder, value) for value in values]
                    for total, term in zip(found, terms(builder, wide, shift), strict=True):
                        builder.store(builder.fadd(builder.load(total), term, flags=FUSED), total)
                for total, cell in zip(found, cells, strict=True):
                    _store(builder, builder.load(total), cell, sums.dtype)

            _in_blocks(builder, given, down)
            return context.get_dummy_value()

        return types.void(data, *[types.int64] * 4, sums, types.int64), build

    return _intrinsic(typed)


def filling(factors: int, formula: Formula) -> Callable[..., None]:
    """Return a loop that fills the columns of each row by a formula.

    It is called as a loop of `summing` is; the last of the flat arrays is what to fill, and instead
    of the sums there is an array with as many rows as the formula has `factors`, in the arithmetic
    of the data.
    """

    def typed(
        _: Any, data: Any, at: Any, gap: Any, rows: Any, deep: Any, by: Any, columns: Any
    ) -> Any:
        def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            *arrays, target = _flats(context, builder, data, given[0])

            def down(begin: Any, count: Any, k: Any, width: int) -> None:
                cells = _rows(context, builder, by, given[5], factors, k)
                held = [_load(builder, cell, by.dtype, width=width) for cell in cells]
                for values, here in _each_row(builder, arrays, begin, given[2], count, width):
                    _store(builder, formula(builder, values, held), *target(here))

            _in_blocks(builder, given, down)
            return context.get_dummy_value()

        return types.void(data, *[types.int64] * 4, by, types.int64), build

    return _intrinsic(typed)


def _in_blocks(builder: Any, given: Any, down: Callable[[Any, Any, Any, int], None]) -> None:
    """Go down some rows at once, by as many columns as `WIDTHS` allow, then down the next."""
    _, at, gap, rows, deep, _, columns = given
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
                down(builder.add(begin, column), count, column, width)
            k = builder.add(k, builder.mul(times, _I64(width)))


def _each_row(
    builder: Any, arrays: Any, begin: Any, gap: Any, rows: Any, width: int
) -> Iterator[tuple[list[Any], Any]]:
    """Yield, in a loop over rows, their values and where they are; later ones are fetched."""
    with cgutils.for_range(builder, rows) as loop:
        here = builder.add(begin, builder.mul(loop.index, gap))
        values = [_load(builder, *array(here), width=width) for array in arrays]
        later = builder.add(here, builder.mul(_I64(AHEAD), gap))
        for array in arrays:
            _fetch(builder, *array(later), width=width)
        yield values, here


def _intrinsic(typed: Any) -> Callable[..., None]:
    made: Callable[..., None] = intrinsic(typed)
    return made


def _flats(context: Any, builder: Any, arrays: Any, given: Any) -> list[Callable[[Any], Any]]:
    """Return what `_flat` returns for each array of a tuple."""
    unpack: Callable[..., Any] = cgutils.unpack_tuple
    pairs = zip(arrays, unpack(builder, given), strict=True)
    return [_flat(context, builder, array, value) for array, value in pairs]


def _flat(context: Any, builder: Any, array: Any, value: Any) -> Callable[[Any], Any]:
    """Return what tells where a value of a flat array is, and how it is stored."""
    first = context.make_array(array)(context, builder, value).data
    return lambda index: (builder.gep(first, [index]), array.dtype)


def _rows(context: Any, builder: Any, array: Any, value: Any, count: int, k: Any) -> list[Any]:
    """Return where the columns from `k` on are, in each row of an array ``(count, L)``."""
    made = context.make_array(array)(context, builder, value)
    length = builder.extract_value(made.shape, 1)
    starts = [builder.mul(ir.Constant(_I64, row), length) for row in range(count)]
    return [builder.gep(made.data, [builder.add(start, k)]) for start in starts]


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
    declare: Callable[..., Any] = cgutils.get_or_insert_function
    fetch = declare(builder.module, kind, "llvm.prefetch.p0i8")
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


def _variable(builder: Any, value: Any) -> Any:
    made: Callable[..., Any] = cgutils.alloca_once_value
    return made(builder, value)


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


add_moments, add_products = summing(_moments), summing(_products)
scale, propagate = filling(3, _scaled), filling(5, _propagated)
