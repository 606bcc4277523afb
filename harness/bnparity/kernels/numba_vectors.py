"""Loops down the rows of some columns, whose sums and factors stay in registers all the way.

A loop along a row has to read and write the sums of every column at every row. Numba has no
vectors to keep them in, so that these loops are written in LLVM's terms: what they hold is as wide
as they are told, and LLVM makes of it what the processor has.
"""
# ruff: noqa: ARG001  # Numba reads the arguments of an intrinsic from those of what types it

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

Terms = Callable[[Any, Sequence[Any], Any], tuple[Any, Any]]
Formula = Callable[[Any, Sequence[Any], Sequence[Any]], Any]

#: Products may be fused with sums.
FUSED = ("contract",)
#: Rows between what is read and what is fetched meanwhile; bytes of a line of the cache.
AHEAD, LINE = 16, 64

_HALF, _FLOAT, _DOUBLE = ir.HalfType(), ir.FloatType(), ir.DoubleType()
_I16, _I32, _I64 = ir.IntType(16), ir.IntType(32), ir.IntType(64)


def summing(width: int, terms: Terms) -> Callable[..., None]:
    """Return a loop that adds two terms of each row to the sums of some columns, in float64.

    It is called with flat arrays as a tuple, the index at which to begin, the gap between rows,
    their number, the sums, ``(3, L)``, and the first of the columns in them. A row of the sums has
    what the values are taken about, the others a sum of each term.
    """

    def typed(_: Any, data: Any, at: Any, gap: Any, rows: Any, sums: Any, k: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            _, at, gap, rows, _, k = given
            arrays = _flats(context, builder, data, given[0])
            about, *cells = _rows(context, builder, sums, given[4], 3, k)
            shift = _load(builder, about, sums.dtype, width=width)
            held = [_load(builder, cell, sums.dtype, width=width) for cell in cells]
            found = [_variable(builder, value) for value in held]
            with cgutils.for_range(builder, rows) as loop:
                here = builder.add(at, builder.mul(loop.index, gap))
                values = [_load(builder, *array(here), width=width) for array in arrays]
                later = builder.add(here, builder.mul(ir.Constant(_I64, AHEAD), gap))
                for array in arrays:
                    _fetch(builder, *array(later), width=width)
                wide = [_doubled(builder, value) for value in values]
                for total, term in zip(found, terms(builder, wide, shift), strict=True):
                    builder.store(builder.fadd(builder.load(total), term, flags=FUSED), total)
            for total, cell in zip(found, cells, strict=True):
                _store(builder, builder.load(total), cell, sums.dtype)
            return context.get_dummy_value()

        return types.void(data, *[types.int64] * 3, sums, types.int64), build

    return _intrinsic(typed)


def filling(width: int, factors: int, formula: Formula) -> Callable[..., None]:
    """Return a loop that fills some columns of each row by a formula.

    It is called with flat arrays as a tuple, the flat array to fill, the index at which to begin,
    the gap between rows, their number, an array with as many rows as the formula has `factors`, in
    the arithmetic of the data, and the first of the columns in it.
    """

    def typed(_: Any, data: Any, out: Any, at: Any, gap: Any, rows: Any, by: Any, k: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            _, _, at, gap, rows, _, k = given
            arrays = _flats(context, builder, data, given[0])
            target = _flat(context, builder, out, given[1])
            cells = _rows(context, builder, by, given[5], factors, k)
            held = [_load(builder, cell, by.dtype, width=width) for cell in cells]
            with cgutils.for_range(builder, rows) as loop:
                here = builder.add(at, builder.mul(loop.index, gap))
                values = [_load(builder, *array(here), width=width) for array in arrays]
                later = builder.add(here, builder.mul(ir.Constant(_I64, AHEAD), gap))
                for array in arrays:
                    _fetch(builder, *array(later), width=width)
                _store(builder, formula(builder, values, held), *target(here))
            return context.get_dummy_value()

        return types.void(data, out, *[types.int64] * 3, by, types.int64), build

    return _intrinsic(typed)


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
    values = builder.load(place, align=element.bitwidth // 8)
    floats, words = ir.VectorType(_FLOAT, width), ir.VectorType(_I32, width)
    if element == types.uint16:
        return builder.fpext(builder.bitcast(values, ir.VectorType(_HALF, width)), floats)
    if element == types.int16:
        return builder.bitcast(builder.shl(builder.zext(values, words), _all(words, 16)), floats)
    return values


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
    """Store a vector, rounded to nearest, ties to even."""
    width = values.type.count
    if element == types.uint16:
        halves = builder.fptrunc(values, ir.VectorType(_HALF, width))
        values = builder.bitcast(halves, ir.VectorType(_I16, width))
    elif element == types.int16:
        values = builder.trunc(_upper_half(builder, values), ir.VectorType(_I16, width))
    place = builder.bitcast(pointer, values.type.as_pointer())
    builder.store(values, place, align=element.bitwidth // 8)


def _doubled(builder: Any, values: Any) -> Any:
    wide = ir.VectorType(_DOUBLE, values.type.count)
    return values if values.type == wide else builder.fpext(values, wide)


def _upper_half(builder: Any, values: Any) -> Any:
    """Return the bits of bfloat16; a NaN stays one whatever its lower half is."""
    words = ir.VectorType(_I32, values.type.count)
    bits = builder.bitcast(values, words)
    upper = builder.lshr(bits, _all(words, 16))
    up = builder.add(builder.and_(upper, _all(words, 1)), _all(words, 0x7FFF))
    rounded = builder.lshr(builder.add(bits, up), _all(words, 16))
    quiet = builder.or_(upper, _all(words, 0x40))
    return builder.select(builder.fcmp_unordered("uno", values, values), quiet, rounded)


def _variable(builder: Any, value: Any) -> Any:
    made: Callable[..., Any] = cgutils.alloca_once_value
    return made(builder, value)


def _all(vector: Any, value: int) -> Any:
    return ir.Constant(vector, [value] * vector.count)


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


#: By how many columns they take: what the registers of vectors of 512 bits hold, then fewer.
add_moments_64, add_moments_8, add_moments_1 = (summing(width, _moments) for width in (64, 8, 1))
add_products_64, add_products_8, add_products_1 = (
    summing(width, _products) for width in (64, 8, 1)
)
scale_64, scale_8, scale_1 = (filling(width, 3, _scaled) for width in (64, 8, 1))
propagate_64, propagate_8, propagate_1 = (filling(width, 5, _propagated) for width in (64, 8, 1))
