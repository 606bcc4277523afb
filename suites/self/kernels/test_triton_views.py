"""How tensors are seen and cut: every value once, whatever the strides."""

from math import prod
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.cases.case import Layout
from bnparity.cases.layouts import lay_out
from bnparity.kernels.triton_views import Tiling, View, tiling, view, whole
from hypothesis import given
from hypothesis import strategies as st

shapes = st.lists(st.integers(1, 9), min_size=2, max_size=5).map(tuple)


def strides_of(array: np.ndarray[Any, Any]) -> tuple[int, ...]:
    return tuple(stride // array.itemsize for stride in array.strides)


def places(seen: View, tensor: int) -> np.ndarray[Any, Any]:
    """Return where a tensor's values lie, as the kernels have it: channels by values."""
    strides = seen.strides[tensor]
    indices = np.unravel_index(np.arange(seen.rows), seen.sizes)
    rows = sum(index * stride for index, stride in zip(indices, strides.rows, strict=True))
    columns = np.arange(seen.columns) * strides.column
    if seen.by_column:
        by_channel: np.ndarray[Any, Any] = np.add.outer(columns, seen.grain * np.asarray(rows))
        return by_channel
    channels = np.arange(seen.channels)[:, None, None] * strides.channel
    offsets = seen.grain * (channels + np.asarray(rows)[:, None]) + columns
    found: np.ndarray[Any, Any] = offsets.reshape(seen.channels, -1)
    return found


def lying(shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Return where the values lie that have such strides: channels by values."""
    indices = np.indices(shape)
    places = sum((i * s for i, s in zip(indices, strides, strict=True)), np.zeros(shape, np.intp))
    found: np.ndarray[Any, Any] = np.moveaxis(places, 1, 0).reshape(shape[1], -1)
    return found


@given(shape=shapes, layout=st.sampled_from(get_args(Layout)), factor=st.sampled_from([1, 8]))
def test_every_value_is_seen_once(shape: tuple[int, ...], layout: Layout, factor: int) -> None:
    """At its place, in its channel, and in the same order in every tensor."""
    shape = (*shape[:-1], shape[-1] * factor)
    x = lay_out(np.zeros(shape, np.float32), layout)
    if min(x.strides) < 0:  # a tensor has none
        x = np.ascontiguousarray(x)
    y = np.empty_like(x)
    seen = view(shape, strides_of(x), strides_of(y))
    offsets = [lying(shape, strides_of(array)) for array in (x, y)]
    want = sorted(zip(*(part.ravel().tolist() for part in offsets), strict=True))
    got = sorted(zip(*(places(seen, place).ravel().tolist() for place in (0, 1)), strict=True))
    assert got == want
    for channel in range(shape[1]):
        assert sorted(places(seen, 1)[channel]) == sorted(offsets[1][channel])


def cover(seen: View, cut: Tiling) -> int:
    """Return how many values the tiles of all groups have room for."""
    return cut.height * cut.width * cut.tiles * cut.groups


@given(shape=shapes.map(lambda shape: (*shape[:-1], shape[-1] * 97)))
def test_tiles_hold_everything(shape: tuple[int, ...]) -> None:
    """Tiles have room for all values, parts for all tiles, and one tile for a whole channel."""
    strides = strides_of(np.empty(shape, np.int8))
    seen = view(shape, strides, strides)
    cut = tiling(seen)
    assert cover(seen, cut) >= prod(shape)
    each = -(-cut.tiles // cut.parts)
    assert each * cut.parts >= cut.tiles > each * (cut.parts - 1)
    if (single := whole(seen)) is not None:
        assert single.tiles == 1
        assert cover(seen, single) >= prod(shape)


@pytest.mark.parametrize(
    ("shape", "programs"), [((1, 1, 1 << 28), 8192), ((1 << 28, 1), 8192), ((2, 1 << 20), 1024)]
)
def test_programs_are_many_however_lopsided_the_data(shape: tuple[int, ...], programs: int) -> None:
    """One channel, and channels of two values."""
    strides = tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))
    seen = view(shape, strides, strides)
    cut = whole(seen) or tiling(seen)
    assert cut.groups * cut.parts == programs
