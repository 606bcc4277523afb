"""Kernels that read memory as if it lay in another way.

Every one stays inside the memory that it was given: what a real kernel reads beyond it is not to be
had twice. Where it would, it reads what the others of its kind read.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from planted.fault import Fault, wrong
from planted.kernel import Kernel, Results, kernel
from planted.textbook import Array, Call, Forward, Moments, affine, array_of, two_pass

Reading = Callable[[Array], Array]


def _misread(reading: Reading) -> Callable[[Call], Call]:
    """Read the data and the gradient of the output by `reading`."""

    def read(call: Call) -> Call:
        grad = call.grad_output
        return replace(
            call,
            x=reading(call.x),
            grad_output=None if grad is None else reading(grad),
        )

    return read


def _along_the_width(forward: Forward) -> Array:
    shape = forward.call.x.shape
    if len(shape) != 4 or shape[-1] != shape[1]:
        return affine(forward)
    weight = np.tile(forward.weight[:, 0], forward.n // shape[1])
    output: Array = forward.normalized * weight + forward.bias
    return output


def _turned() -> Kernel:
    """Return the textbook with its channels on the last axis, where the parameters fit that."""
    right = kernel()

    def batch_norm(
        x: Array, *per_channel: Array | None, grad_output: Array | None = None, **settings: Any
    ) -> Results:
        fits = all(len(a) == x.shape[-1] for a in per_channel if a is not None)
        axis = -1 if fits else 1
        grad = None if grad_output is None else np.moveaxis(grad_output, axis, 1)
        results = right(np.moveaxis(x, axis, 1), *per_channel, grad_output=grad, **settings)
        for name in ("output", "grad_input"):
            if results.get(name) is not None:
                results[name] = np.moveaxis(results[name], 1, axis)
        return dict(results)

    return batch_norm


def _in_memory_order(x: Array) -> Array:
    return x.ravel("K").reshape(x.shape)


def _dense_last_axis(x: Array) -> Array:
    step = min(x.strides[-1], x.itemsize)
    return as_strided(x, x.shape, (*x.strides[:-1], step), writeable=False)


def _positive_strides(x: Array) -> Array:
    return x[tuple(slice(None, None, -1 if stride < 0 else 1) for stride in x.strides)]


def _no_stride_zero(x: Array) -> Array:
    """Read nothing beyond the first item of an axis that repeats it."""
    read = np.zeros(x.shape, x.dtype)
    first = tuple(slice(None) if stride else slice(1) for stride in x.strides)
    read[first] = x[first]
    return read


def _no_offset(x: Array) -> Array:
    owner = x
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if owner is x or owner.dtype != x.dtype or min(x.strides) < 0:
        return x
    return as_strided(owner, x.shape, x.strides, writeable=False)


def _grad_like_x(call: Call) -> Call:
    """Read the memory of the gradient in the order of the data's axes."""
    x, grad = call.x, call.grad_output
    if grad is None or grad.strides == x.strides:
        return call
    order = np.argsort([-abs(stride) for stride in x.strides], kind="stable")
    memory = grad.ravel("K").reshape([grad.shape[axis] for axis in order])
    return replace(call, grad_output=memory.transpose(np.argsort(order)))


def _is_channels_last(x: Array) -> bool:
    contiguous = np.moveaxis(x, 1, -1).flags.c_contiguous and not x.flags.c_contiguous
    return bool(contiguous and x.ndim > 2)


def _channels_written_last(name: str) -> Callable[[Call, Results], Results]:
    """Write the rows of a result one after the other into memory of channels-last data."""

    def write(call: Call, results: Results) -> Results:
        value = results.get(name)
        if value is None or not _is_channels_last(call.x):
            return results
        shape = (value.shape[0], *value.shape[2:], value.shape[1])
        return results | {name: np.moveaxis(value.reshape(shape), -1, 1)}

    return write


def _as_array(rows: Array, shape: tuple[int, ...]) -> Array:
    return array_of(rows, np.empty(shape, rows.dtype))


def _first_spatial_axis(rows: Array, shape: tuple[int, ...]) -> Moments:
    x = _as_array(rows, shape)
    while x.ndim > 3:
        x = x[..., 0]
    return two_pass(x.swapaxes(0, 1).reshape(len(rows), -1), shape)


def _channel_by_remainder(rows: Array, shape: tuple[int, ...]) -> Moments:
    """Take element i of the memory for one of channel i % C."""
    return two_pass(_as_array(rows, shape).reshape(-1, len(rows)).T, shape)


def _channels_last_of_rank_three(rows: Array, shape: tuple[int, ...]) -> Moments:
    square = len(shape) == 3 and shape[1] == shape[2]
    x = _as_array(rows, shape)
    return two_pass((x.T if square else x.swapaxes(0, 1)).reshape(len(rows), -1), shape)


def _first_item(rows: Array, shape: tuple[int, ...]) -> Moments:
    return two_pass(rows[:, : max(rows.shape[1] // shape[0], 2)], shape)


def _contiguous_only() -> Kernel:
    right = kernel()

    def picky(x: Array, *args: object, **kwargs: object) -> object:
        if not x.flags.c_contiguous:
            raise ValueError("expected contiguous data")
        return right(x, *args, **kwargs)

    return picky


#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (
    wrong(
        "channel_axis=last",
        "The last axis is taken for the channels' wherever it is as long.",
        make=_turned,
        kinds=(
            "semantics",
            "error",
        ),  # it refuses channels of one value, which it makes
    ),
    wrong(
        "strides-ignored",
        "Data are taken in the order in which they lie in memory (LAY-10, LAY-14).",
        read=_misread(_in_memory_order),
    ),
    wrong(
        "last-stride-ignored",
        "The last axis is read as if it were dense.",
        read=_misread(_dense_last_axis),
    ),
    wrong(
        "negative-strides-ignored",
        "Strides are read without their signs.",
        read=_misread(_positive_strides),
    ),
    wrong(
        "stride-zero-ignored",
        "Of data with stride 0 only the first item is read, the others are taken for 0.",
        read=_misread(_no_stride_zero),
    ),
    wrong(
        "offset-ignored",
        "A slice is read from the beginning of the memory that it is a slice of (LAY-02).",
        read=_misread(_no_offset),
    ),
    wrong(
        "offset-of-gradient-ignored",
        "The gradient of the output is read from the beginning of its memory (LAY-02).",
        read=lambda call: (
            call
            if call.grad_output is None
            else replace(call, grad_output=_no_offset(call.grad_output))
        ),
    ),
    wrong(
        "gradient-in-layout-of-data",
        "The gradient of the output is read in the layout of the data (LAY-08).",
        read=_grad_like_x,
    ),
    wrong(
        "channels-last-of-rank-three",
        "The last axis of data of rank 3 is taken for the channels where it fits (LAY-16); "
        "the output is that of the first axis with these statistics.",
        of_some=("channel_axis=last",),
        moments=_channels_last_of_rank_three,
    ),
    wrong(
        "output-written-channels-last",
        "The output of channels-last data is written as if they were not (LAY-06).",
        write=_channels_written_last("output"),
    ),
    wrong(
        "gradient-written-channels-last",
        "The gradient by channels-last data is written as if they were not (LAY-06).",
        write=_channels_written_last("grad_input"),
    ),
    wrong(
        "weight-along-the-width",
        "The weight is broadcast along the last axis of images where it is as long.",
        affine=_along_the_width,
    ),
    wrong(
        "first-spatial-axis-alone",
        "The statistics reduce the batch and the first spatial axis alone.",
        moments=_first_spatial_axis,
    ),
    wrong(
        "channel-by-remainder",
        "The statistics take element i of contiguous memory for one of channel i % C (LAY-14).",
        moments=_channel_by_remainder,
    ),
    wrong(
        "first-item-alone",
        "The statistics are those of the batch's first item.",
        moments=_first_item,
    ),
    wrong(
        "contiguous-only",
        "Data that are not contiguous are refused (LAY-04).",
        make=_contiguous_only,
        kinds=("error",),
    ),
)
