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
)

#: Sizes, which differ from call to call: no reason to compile again.
SIZES = (
    *("channels", "down", "across", "parts", "groups", "tiles", "each", "count"),
    *(
        f"{tensor}_{of}"
        for tensor in ("x", "y", "grad", "out")
        for of in ("row", "column", "channel")
    ),
)


@inlined
def keep(
    mean, m2, count, eps, share, kept, old_mean, old_var, new_mean, new_var, channel, channels
):
    """Store mean and 1 / denominator, and the running statistics; return 1 / denominator."""
    n = count.to(tl.float64)
    var = tl.where(m2 < 0.0, 0.0, m2) / n  # rounding alone makes it negative
    average(old_mean, new_mean, mean, share, channel, channels)
    average(old_var, new_var, var * (n / tl.maximum(n - 1.0, 1.0)), share, channel, channels)
    inverse = 1.0 / tl.sqrt(var + eps)
    tl.store(kept + channel, mean, mask=channel < channels)
    tl.store(kept + channels + channel, inverse, mask=channel < channels)
    return inverse


@inlined
def scaled(values, mean, inverse, weight, bias, channel, channels):
    """Return normalised values, scaled and shifted."""
    gain = inverse * per_channel(weight, channel, channels, 1.0)
    shift = per_channel(bias, channel, channels, 0.0)
    return centred(values, mean) * gain.to(values.dtype) + shift.to(values.dtype)


@triton.jit(do_not_specialize=SIZES)
def train_whole(
    x,
    y,
    weight,
    bias,
    old_mean,
    old_var,
    new_mean,
    new_var,
    kept,
    eps: tl.float64,
    share: tl.float64,
    channels,
    down,
    across,
    sizes,
    x_row,
    x_column,
    x_channel,
    x_slower,
    y_row,
    y_column,
    y_channel,
    y_slower,
    cut: tl.constexpr,
):
    """Do all of a group of channels that one tile holds; the data are read once."""
    group, tile = place(1, tl.num_programs(0), cut, backwards=False)
    rows, columns, mask, count = tile_of(group, tile, down, across, cut)
    channel = channels_of(group, cut)
    where = offsets(group, rows, columns, (x_row, x_column, x_channel), x_slower, sizes, cut)
    values = loaded(x, where, mask)
    mean, m2 = moments(values, mask, count, cut)
    inverse = keep(
        mean, m2, count, eps, share, kept, old_mean, old_var, new_mean, new_var, channel, channels
    )
    result = scaled(values, mean, inverse, weight, bias, channel, channels)
    where = offsets(group, rows, columns, (y_row, y_column, y_channel), y_slower, sizes, cut)
    tl.store(y + where, narrowed(result, y), mask=mask)


@triton.jit(do_not_specialize=SIZES)
def sum_moments(
    x,
    found,
    channels,
    down,
    across,
    sizes,
    x_row,
    x_column,
    x_channel,
    x_slower,
    parts,
    groups,
    tiles,
    each,
    cut: tl.constexpr,
):
    """Fill `found`, (3, parts, channels): count, mean and sum of squares of each part."""
    group, part = place(parts, groups, cut, backwards=False)
    channel = channels_of(group, cut)
    count = tl.full([1, 1], 0.0, tl.float64)
    mean = tl.full(channel.shape, 0.0, tl.float64)
    m2 = tl.full(channel.shape, 0.0, tl.float64)
    for tile in range(part * each, tl.minimum((part + 1) * each, tiles)):
        rows, columns, mask, n = tile_of(group, tile, down, across, cut)
        where = offsets(group, rows, columns, (x_row, x_column, x_channel), x_slower, sizes, cut)
        of_tile = moments(loaded(x, where, mask), mask, n, cut)
        mean, m2 = joined(count, mean, m2, n.to(tl.float64), of_tile[0], of_tile[1])
        count += n.to(tl.float64)
    target = found + part * channels + channel
    plane = parts.to(tl.int64) * channels
    tl.store(target, tl.broadcast_to(count, channel.shape), mask=channel < channels)
    tl.store(target + plane, mean, mask=channel < channels)
    tl.store(target + 2 * plane, m2, mask=channel < channels)


@triton.jit(do_not_specialize=SIZES)
def merge_moments(
    found,
    old_mean,
    old_var,
    new_mean,
    new_var,
    kept,
    eps: tl.float64,
    share: tl.float64,
    channels,
    parts,
    count,
    height: tl.constexpr,
    width: tl.constexpr,
):
    """Merge the parts of some channels, in blocks, and keep what follows from them."""
    channel = columns_of(tl.program_id(0).to(tl.int64), width)
    plane = parts.to(tl.int64) * channels
    done = tl.full([1, width], 0.0, tl.float64)
    mean = tl.full([1, width], 0.0, tl.float64)
    m2 = tl.full([1, width], 0.0, tl.float64)
    for first in range(0, parts, height):
        part = first + tl.arange(0, height)[:, None].to(tl.int64)
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
    keep(mean, m2, count, eps, share, kept, old_mean, old_var, new_mean, new_var, channel, channels)


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
    weight,
    bias,
    kept,
    channels,
    down,
    across,
    sizes,
    x_row,
    x_column,
    x_channel,
    x_slower,
    y_row,
    y_column,
    y_channel,
    y_slower,
    tiles,
    groups,
    cut: tl.constexpr,
):
    """Fill `y`, a tile a program."""
    group, tile = place(tiles, groups, cut, backwards=True)
    rows, columns, mask, _ = tile_of(group, tile, down, across, cut)
    channel = channels_of(group, cut)
    mean = per_channel(kept, channel, channels, 0.0)
    inverse = per_channel(kept + channels, channel, channels, 1.0)
    where = offsets(group, rows, columns, (x_row, x_column, x_channel), x_slower, sizes, cut)
    values = loaded(x, where, mask)
    result = scaled(values, mean, inverse, weight, bias, channel, channels)
    where = offsets(group, rows, columns, (y_row, y_column, y_channel), y_slower, sizes, cut)
    tl.store(y + where, narrowed(result, y), mask=mask)
