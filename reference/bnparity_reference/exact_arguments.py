"""Arrays as exact fractions: the arguments of every channel, and which of its values are there."""

import math
from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect
from bnparity_reference.exact_statistics import Channel

Array: TypeAlias = NDArray[np.floating]


def channels_of(x: Array, grad: Array | None, *per_channel: Array | None) -> list[Channel]:
    """Return the arguments of every channel; what is not given is 0, or where it scales, 1."""
    shape = np.shape(x)
    zeros, ones = np.zeros(shape[1]), np.ones(shape[1])
    defaults = (ones, zeros, zeros, ones, zeros, zeros)
    numbers = [
        _rows(np.expand_dims(default if given is None else given, 0), (1, shape[1]))
        for given, default in zip(per_channel, defaults, strict=True)
    ]
    rows = _rows(x, shape), _rows(np.zeros(shape) if grad is None else grad, shape)
    names = ("weight", "bias", "running_mean", "running_var", "grad_mean", "grad_var")
    return [
        Channel(x=x_, grad=g, **{name: a[0] for name, a in zip(names, of_channel, strict=True)})
        for x_, g, *of_channel in zip(*rows, *numbers, strict=True)
    ]


def _rows(array: Array, shape: tuple[int, ...]) -> list[list[Fraction]]:
    """Return the values of every channel of an array that must have this shape."""
    if np.shape(array) != shape:
        raise ValueError(f"an argument has shape {np.shape(array)} where {shape} belongs")
    channels = np.moveaxis(np.asarray(array, dtype=np.float64), 1, 0)
    return [[fraction(value) for value in channel.ravel().tolist()] for channel in channels]


def fraction(number: float) -> Fraction:
    """Return a number as it is; exact arithmetic has no infinity."""
    if not math.isfinite(number):
        raise ValueError(f"{number} among the arguments: exact arithmetic needs finite numbers")
    return Fraction(number)


def with_mask(channels: list[Channel], mask: NDArray[np.bool_], dialect: Dialect) -> list[Channel]:
    """Return the channels, each with its part of a mask; without one where that says nothing."""
    if dialect.masked_count != "epsilon" and mask.all():
        return channels
    rows = np.moveaxis(mask, 1, 0).reshape(len(channels), -1).tolist()
    return [replace(channel, mask=row) for channel, row in zip(channels, rows, strict=True)]


def without_missing(channels: list[Channel], missing: NDArray[np.bool_]) -> list[Channel]:
    """Return the channels, with what is NaN left out of the batch's statistics."""
    rows = np.moveaxis(missing, 1, 0).reshape(len(channels), -1).tolist()
    return [
        replace(
            channel,
            mask=[there and not nan for there, nan in zip(channel.places, row, strict=True)],
            missing=row if any(row) else None,
        )
        for channel, row in zip(channels, rows, strict=True)
    ]
