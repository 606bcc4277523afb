"""Numbers as they are stored, and in the format in which loops compute: float32, or float64.

Numba has no half formats on the CPU, so that loops are given the bits of halves: ``uint16`` of
float16, ``int16`` of bfloat16. Reading and writing them takes an instruction or two, and rounds to
nearest, ties to even.
"""
# ruff: noqa: ARG001, ARG005  # Numba wants the arguments of an implementation to be named alike

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

Array = NDArray[Any]

_QUIET, _LOWEST_KEPT, _HALF_UP, _INFINITY = 0x40, 1, 0x7FFF, 0x7F800000


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


def vector(size: Any, like: Any) -> Any:
    """Return an empty array in the arithmetic of data stored like `like`; for loops alone."""
    raise NotImplementedError(size, like)


def is_double(like: Any) -> bool:
    """Return whether data are float64, whose sums need more than that; for loops alone."""
    raise NotImplementedError(like)


def _typed_from_float16(_: Any, bits: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fpext(builder.bitcast(arguments[0], ir.HalfType()), ir.FloatType())

    return types.float32(types.uint16), build


def _typed_to_float16(_: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(builder.fptrunc(arguments[0], ir.HalfType()), ir.IntType(16))

    return types.uint16(types.float32), build


def _typed_from_bits(_: Any, bits: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.FloatType())

    return types.float32(types.uint32), build


def _typed_to_bits(_: Any, value: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.bitcast(arguments[0], ir.IntType(32))

    return types.uint32(types.float32), build


_from_float16: Any = intrinsic(_typed_from_float16)
_to_float16: Any = intrinsic(_typed_to_float16)
_from_bits: Any = intrinsic(_typed_from_bits)
_to_bits: Any = intrinsic(_typed_to_bits)


@njit(cache=True)
def _to_bfloat16(value: Any) -> Any:
    """Return the upper half of a float32, rounded; a NaN stays one whatever its lower half is."""
    bits = _to_bits(value)
    if (bits & np.uint32(0x7FFFFFFF)) > np.uint32(_INFINITY):
        return np.int16((bits >> np.uint32(16)) | np.uint32(_QUIET))
    odd = (bits >> np.uint32(16)) & np.uint32(_LOWEST_KEPT)
    return np.int16((bits + np.uint32(_HALF_UP) + odd) >> np.uint32(16))


@overload(widened, inline="always", strict=False)  # annotated
def _widened(value: Any) -> Any:
    if value == types.uint16:
        return lambda value: _from_float16(value)  # noqa: PLW0108  # Numba wants a function
    if value == types.int16:
        return lambda value: _from_bits(np.uint32(np.uint16(value)) << np.uint32(16))
    return lambda value: value


@overload(narrowed, inline="always", strict=False)  # annotated
def _narrowed(value: Any, like: Any) -> Any:
    if like == types.uint16:
        return lambda value, like: _to_float16(np.float32(value))
    if like == types.int16:
        return lambda value, like: _to_bfloat16(np.float32(value))
    if like == types.float32:
        return lambda value, like: np.float32(value)
    return lambda value, like: value


@overload(working, inline="always", strict=False)  # annotated
def _working(value: Any, like: Any) -> Any:
    if like == types.float64:
        return lambda value, like: value
    return lambda value, like: np.float32(value)


@overload(vector, inline="always", strict=False)  # annotated
def _vector(size: Any, like: Any) -> Any:
    if like == types.float64:
        return lambda size, like: np.empty(size, np.float64)
    return lambda size, like: np.empty(size, np.float32)


@overload(is_double, inline="always", strict=False)  # annotated
def _is_double(like: Any) -> Any:
    double = like == types.float64
    return lambda like: double
