"""Forward in Triton: kernels that take a channel at once, or its parts in three launches.

Parts are merged in an order that their number fixes, and nothing is added atomically: the result
does not depend on which program runs when.
"""
# ruff: noqa: ANN001, ANN201  # the types of a kernel's arguments are Triton's to find

import triton
import triton.language as tl

from bnparity.kernels.triton_tiles import (
    average,
    centred,
    channels_of,
    columns_of,
    inlined,
    is_finite,
    joined,
    loaded,
    moments,
    narrowed,
    offsets,
    over_rows,
    per_channel,
    place,
    tile_of,
    tiles_of,
)

#: Sizes, which differ from call to call: no reason to compile again. In a tuple they would be one.
SIZES = (
    *("channels", "down", "across", "parts", "count"),
    *(f"{x}_{of}" for x in ("x", "y", "grad", "out") for of in ("row", "column", "channel")),
)


@inlined
def keep(mean, m2, count, eps, share, kept, running, channel, channels):
    """Store mean and 1 / denominator, and the running statistics; return 1 / denominator."""
    n = count.to(tl.float64)
    var = tl.where(m2 < 0.0, 0.0, m2) / n  # rounding alone makes it negative
    average(running[0], running[2], mean, share, channel, channels)
    average(running[1], running[3], var * (n / tl.maximum(n - 1.0, 1.0)), share, channel, channels)
    inverse = 1.0 / tl.sqrt(var + eps)
    tl.store(kept + channel, mean, mask=channel < channels)
    tl.store(kept + channels + channel, inverse, mask=channel < channels)
    return inverse


@inlined
def scaled(values, mean, inverse, parameters, channel, channels):
    """Return normalised values, scaled and shifted."""
    gain = inverse * per_channel(parameters[0], channel, channels, 1.0)
    shift = per_channel(parameters[1], channel, channels, 0.0)
    return centred(values, mean) * gain.to(values.dtype) + shift.to(values.dtype)


@triton.jit(do_not_specialize=SIZES)
def train_whole(
    x,
    y,
    parameters,
    running,
    kept,
    eps: tl.float64,
    share: tl.float64,
    channels,
    down,
    across,
    x_row,
    x_column,
    x_channel,
    y_row,
    y_column,
    y_channel,
    slower,
    cut: tl.constexpr,
):
    """Do all of a group of channels that one tile holds; the data are read once."""
    group, index = place(1, cut, backwards=False)
    tile, mask, count = tile_of(group, index, down, across, cut)
    channel = channels_of(group, cut)
    values = loaded(x, offsets(tile, (x_row, x_column, x_channel), slower, 1, cut), mask)
    mean, m2 = moments(values, mask, count, cut)
    inverse = keep(mean, m2, count, eps, share, kept, running, channel, channels)
    result = scaled(values, mean, inverse, parameters, channel, channels)
    where = offsets(tile, (y_row, y_column, y_channel), slower, 2, cut)
    tl.store(y + where, narrowed(result, y), mask=mask)


@triton.jit(do_not_specialize=SIZES)
def sum_moments(
    x, found, channels, down, across, x_row, x_column, x_channel, slower, parts, cut: tl.constexpr
):
    """Fill `found`, (3, parts, channels): count, mean and sum of squares of each part."""
    group, part = place(parts, cut, backwards=False)
    channel = channels_of(group, cut)
    count = tl.full([1, 1], 0.0, tl.float64)
    mean = tl.full(channel.shape, 0.0, tl.float64)
    m2 = tl.full(channel.shape, 0.0, tl.float64)
    first, beyond = tiles_of(part, parts, down, across, cut)
    for index in range(first, beyond):
        tile, mask, n = tile_of(group, index, down, across, cut)
        values = loaded(x, offsets(tile, (x_row, x_column, x_channel), slower, 1, cut), mask)
        of_tile = moments(values, mask, n, cut)
        mean, m2 = joined(count, mean, m2, n.to(tl.float64), of_tile[0], of_tile[1])
        count += n.to(tl.float64)
    target = found + part * channels + channel
    plane = parts.to(tl.int64) * channels
    tl.store(target, tl.broadcast_to(count, channel.shape), mask=channel < channels)
    tl.store(target + plane, mean, mask=channel < channels)
    tl.store(target + 2 * plane, m2, mask=channel < channels)


@triton.jit(do_not_specialize=SIZES)
def merge_moments(
    found, running, kept, eps: tl.float64, share: tl.float64, channels, parts, size: tl.constexpr
):
    """Merge the parts of some channels, in blocks, and keep what follows from them."""
    channel = columns_of(tl.program_id(0).to(tl.int64), size[1])
    plane = parts.to(tl.int64) * channels
    done = tl.full([1, size[1]], 0.0, tl.float64)
    mean = tl.full([1, size[1]], 0.0, tl.float64)
    m2 = tl.full([1, size[1]], 0.0, tl.float64)
    for first in range(0, parts, size[0]):
        part = first + tl.arange(0, size[0])[:, None].to(tl.int64)
        mask, where = (part < parts) & (channel < channels), found + part * channels + channel
        counts = tl.load(where, mask=mask, other=0.0)
        means = tl.load(where + plane, mask=mask, other=0.0)
        squares = tl.load(where + 2 * plane, mask=mask, other=0.0)
        n = tl.maximum(over_rows(counts), 1.0)
        near = over_rows(counts * means) / n
        between = tl.where(mask, means - near, 0.0)
        step = over_rows(counts * between) / n
        of_block = over_rows(squares + counts * between * between) - n * step * step
        near += tl.where(is_finite(step), step, 0.0)
        mean, m2 = joined(done, mean, m2, n, near, of_block)
        done = done + n
    keep(mean, m2, done, eps, share, kept, running, channel, channels)


@triton.jit(do_not_specialize=SIZES)
def invert(mean, var, kept, eps: tl.float64, channels, width: tl.constexpr):
    """Fill `kept`, (2, channels), from statistics that are given."""
    channel = columns_of(tl.program_id(0).to(tl.int64), width)
    inverse = 1.0 / tl.sqrt(per_channel(var, channel, channels, 1.0) + eps)
    tl.store(kept + channel, per_channel(mean, channel, channels, 0.0), mask=channel < channels)
    tl.store(kept + channels + channel, inverse, mask=channel < channels)


@triton.jit(do_not_specialize=SIZES)
def normalize(
    x,
    y,
    parameters,
    kept,
    channels,
    down,
    across,
    x_row,
    x_column,
    x_channel,
    y_row,
    y_column,
    y_channel,
    slower,
    parts,
    cut: tl.constexpr,
):
    """Fill `y`, a tile a program."""
    group, index = place(parts, cut, backwards=True)
    tile, mask, _ = tile_of(group, index, down, across, cut)
    channel = channels_of(group, cut)
    mean = per_channel(kept, channel, channels, 0.0)
    inverse = per_channel(kept + channels, channel, channels, 1.0)
    values = loaded(x, offsets(tile, (x_row, x_column, x_channel), slower, 1, cut), mask)
    result = scaled(values, mean, inverse, parameters, channel, channels)
    where = offsets(tile, (y_row, y_column, y_channel), slower, 2, cut)
    tl.store(y + where, narrowed(result, y), mask=mask)
