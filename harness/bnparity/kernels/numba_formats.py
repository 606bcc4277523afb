"""Numbers as they are stored, and in the format in which loops compute: float32, or float64.

Numba has no half formats on the CPU, so that loops are given the bits of halves: ``uint16`` of
float16, ``int16`` of bfloat16. Reading and writing them takes an instruction or two, and rounds to
nearest, ties to even.
"""
# ruff: noqa: ARG001, ARG005  # Numba wants the arguments of an implementation to be named alike

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from bnparity.backends import Array

_QUIET, _HALF_UP = 0x40, 0x7FFF
_HALVES = (types.uint16, types.int16)
_I16, _I32 = ir.IntType(16), ir.IntType(32)


def stored(array: Array) -> Array:
    """Return `array` as loops take it: halves as their bits, with the same strides."""
    if array.dtype.itemsize != 2:
        return array
    return array.view(np.uint16 if array.dtype == np.float16 else np.int16)


def widened(value: Any) -> Any:
    """Return a stored number in the format of the arithmetic; for use in loops alone."""
    raise NotImplementedError(value)


def narrowed(value: Any, like: Any) -> Any:
    """Return a number rounded to the format in which `like` is stored; for use in loops alone."""
    raise NotImplementedError(value, like)


def working(value: float, like: Any) -> Any:
    """Return a float64 in the arithmetic of data stored like `like`; for use in loops alone."""
    raise NotImplementedError(value, like)


def vector(size: Any, data: Array) -> Any:
    """Return an empty array in the arithmetic of data; for loops alone."""
    raise NotImplementedError(size, data)


def is_double(data: Array) -> bool:
    """Return whether data are float64, whose sums need more than that; for loops alone."""
    raise NotImplementedError(data)


def from_stored(builder: Any, values: Any, element: Any) -> Any:
    """Return numbers as they are stored, one or a vector of them, in LLVM's terms, as float32."""
    if element == types.uint16:
        halves = builder.bitcast(values, _shaped(ir.HalfType(), values))
        return builder.fpext(halves, _shaped(ir.FloatType(), values))
    if element == types.int16:
        words = builder.zext(values, _shaped(_I32, values))
        upper = builder.shl(words, _constant(words, 16))
        return builder.bitcast(upper, _shaped(ir.FloatType(), values))
    return values


def to_stored(builder: Any, values: Any, element: Any) -> Any:
    """Return the same the other way: rounded to nearest, ties to even."""
    if element == types.uint16:
        halves = builder.fptrunc(values, _shaped(ir.HalfType(), values))
        return builder.bitcast(halves, _shaped(_I16, values))
    if element == types.int16:
        return builder.trunc(_upper_half(builder, values), _shaped(_I16, values))
    return values


def _upper_half(builder: Any, values: Any) -> Any:
    """Return the bits of bfloat16; a NaN stays one whatever its lower half is."""
    bits = builder.bitcast(values, _shaped(_I32, values))
    upper = builder.lshr(bits, _constant(bits, 16))
    up = builder.add(builder.and_(upper, _constant(bits, 1)), _constant(bits, _HALF_UP))
    rounded = builder.lshr(builder.add(bits, up), _constant(bits, 16))
    quiet = builder.or_(upper, _constant(bits, _QUIET))
    return builder.select(builder.fcmp_unordered("uno", values, values), quiet, rounded)


def _shaped(scalar: Any, like: Any) -> Any:
    """Return a type of as many lanes as `like` has."""
    return ir.VectorType(scalar, like.type.count) if _is_vector(like) else scalar


def _constant(like: Any, value: int) -> Any:
    return ir.Constant(like.type, [value] * like.type.count if _is_vector(like) else value)


def _is_vector(value: Any) -> bool:
    return isinstance(value.type, ir.VectorType)


def _converting(convert: Any, *, stores: bool) -> Any:
    """Return what converts a number as it is stored, like the second argument, or to be."""

    def typed(_: Any, value: Any, like: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return convert(builder, arguments[0], like)

        return like(types.float32, like) if stores else types.float32(value, like), build

    return intrinsic(typed)


_from_half, _to_half = _converting(from_stored, stores=False), _converting(to_stored, stores=True)


@overload(widened, inline="always", strict=False)  # annotated
def _widened(value: Any) -> Any:
    if value in _HALVES:
        return lambda value: _from_half(value, value)
    return lambda value: value


@overload(narrowed, inline="always", strict=False)  # annotated
def _narrowed(value: Any, like: Any) -> Any:
    if like in _HALVES:
        return lambda value, like: _to_half(np.float32(value), like)
    if like == types.float32:
        return lambda value, like: np.float32(value)
    return lambda value, like: value


@overload(working, inline="always", strict=False)  # annotated
def _working(value: Any, like: Any) -> Any:
    if like == types.float64:
        return lambda value, like: value
    return lambda value, like: np.float32(value)


@overload(vector, inline="always", strict=False)  # annotated
def _vector(size: Any, data: Any) -> Any:
    if data.dtype == types.float64:
        return lambda size, data: np.empty(size, np.float64)
    return lambda size, data: np.empty(size, np.float32)


@overload(is_double, inline="always", strict=False)  # annotated
def _is_double(data: Any) -> Any:
    double = data.dtype == types.float64
    return lambda data: double
