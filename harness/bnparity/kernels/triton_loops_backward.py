"""Backward in Triton: the sums behind the gradients of a channel, then the gradient by the data.

As forward: a channel at once, or its parts in three launches.
"""
# ruff: noqa: ANN001, ANN201  # the types of a kernel's arguments are Triton's to find

import triton
import triton.language as tl

from bnparity.kernels.triton_loops import SIZES
from bnparity.kernels.triton_tiles import (
    centred,
    channels_of,
    columns_of,
    inlined,
    loaded,
    mean_and_distances,
    narrowed,
    offsets,
    over_rows,
    per_channel,
    place,
    tile_of,
    tiles_of,
    total,
)


@inlined
def keep_sums(grads, projections, gradients, channel, channels):
    """Store the gradients of weight and bias, if there are any."""
    if gradients[1] is not None:
        target = gradients[1] + channel
        tl.store(target, narrowed(grads, gradients[1]), mask=channel < channels)
    if gradients[0] is not None:
        target = gradients[0] + channel
        tl.store(target, narrowed(projections, gradients[0]), mask=channel < channels)


@inlined
def through_statistics(g, xh, of_grads, of_projections):
    """Return gradients less what the averages over the channel take from them."""
    return (g - of_grads.to(g.dtype)) - xh * of_projections.to(g.dtype)


@triton.jit(do_not_specialize=SIZES)
def differentiate_whole(
    grad,
    x,
    out,
    weight,
    kept,
    gradients,
    channels,
    down,
    across,
    grad_row,
    grad_column,
    grad_channel,
    x_row,
    x_column,
    x_channel,
    out_row,
    out_column,
    out_channel,
    slower,
    through: tl.constexpr,
    cut: tl.constexpr,
):
    """Do all of a group of channels that one tile holds."""
    group, index = place(1, cut, backwards=False)
    tile, mask, count = tile_of(group, index, down, across, cut)
    channel = channels_of(group, cut)
    mean = per_channel(kept, channel, channels, 0.0)
    inverse = per_channel(kept + channels, channel, channels, 1.0)
    g = loaded(grad, offsets(tile, (grad_row, grad_column, grad_channel), slower, 1, cut), mask)
    values = loaded(x, offsets(tile, (x_row, x_column, x_channel), slower, 2, cut), mask)
    xh = tl.where(mask, centred(values, mean) * inverse.to(g.dtype), 0.0)
    n = count.to(tl.float64)
    grads = mean_and_distances(g, mask, count, cut)[0] * n
    projections = total(g * xh, cut).to(tl.float64)
    keep_sums(grads, projections, gradients, channel, channels)
    if through:
        g = through_statistics(g, xh, grads / n, projections / n)
    gain = inverse * per_channel(weight, channel, channels, 1.0)
    where = offsets(tile, (out_row, out_column, out_channel), slower, 3, cut)
    tl.store(out + where, narrowed(g * gain.to(g.dtype), out), mask=mask)


@triton.jit(do_not_specialize=SIZES)
def sum_gradients(
    grad,
    x,
    kept,
    found,
    channels,
    down,
    across,
    grad_row,
    grad_column,
    grad_channel,
    x_row,
    x_column,
    x_channel,
    slower,
    parts,
    cut: tl.constexpr,
):
    """Fill `found`, (2, parts, channels): sums of gradients, alone and times normalised data."""
    group, part = place(parts, cut, backwards=False)
    channel = channels_of(group, cut)
    mean = per_channel(kept, channel, channels, 0.0)
    inverse = per_channel(kept + channels, channel, channels, 1.0)
    grads = tl.full(channel.shape, 0.0, tl.float64)
    projections = tl.full(channel.shape, 0.0, tl.float64)
    first, beyond = tiles_of(part, parts, down, across, cut)
    for index in range(first, beyond):
        tile, mask, n = tile_of(group, index, down, across, cut)
        g = loaded(grad, offsets(tile, (grad_row, grad_column, grad_channel), slower, 1, cut), mask)
        values = loaded(x, offsets(tile, (x_row, x_column, x_channel), slower, 2, cut), mask)
        xh = centred(values, mean) * inverse.to(g.dtype)
        grads += mean_and_distances(g, mask, n, cut)[0] * n.to(tl.float64)
        projections += total(tl.where(mask, g * xh, 0.0), cut).to(tl.float64)
    target = found + part * channels + channel
    tl.store(target, grads, mask=channel < channels)
    target += parts.to(tl.int64) * channels
    tl.store(target, projections, mask=channel < channels)


@triton.jit(do_not_specialize=SIZES)
def merge_gradients(found, averages, gradients, channels, parts, count, size: tl.constexpr):
    """Add up the parts of some channels; fill `averages`, (2, channels), over all values."""
    channel = columns_of(tl.program_id(0).to(tl.int64), size[1])
    plane = parts.to(tl.int64) * channels
    grads = tl.full([1, size[1]], 0.0, tl.float64)
    projections = tl.full([1, size[1]], 0.0, tl.float64)
    for first in range(0, parts, size[0]):
        part = first + tl.arange(0, size[0])[:, None].to(tl.int64)
        mask, where = (part < parts) & (channel < channels), found + part * channels + channel
        grads += over_rows(tl.load(where, mask=mask, other=0.0))
        projections += over_rows(tl.load(where + plane, mask=mask, other=0.0))
    keep_sums(grads, projections, gradients, channel, channels)
    n = count.to(tl.float64)
    tl.store(averages + channel, grads / n, mask=channel < channels)
    tl.store(averages + channels + channel, projections / n, mask=channel < channels)


@triton.jit(do_not_specialize=SIZES)
def propagate(
    grad,
    x,
    out,
    weight,
    kept,
    averages,
    channels,
    down,
    across,
    grad_row,
    grad_column,
    grad_channel,
    x_row,
    x_column,
    x_channel,
    out_row,
    out_column,
    out_channel,
    slower,
    parts,
    through: tl.constexpr,
    cut: tl.constexpr,
):
    """Fill `out` with the gradient by the data, a tile a program."""
    group, index = place(parts, cut, backwards=True)
    tile, mask, _ = tile_of(group, index, down, across, cut)
    channel = channels_of(group, cut)
    inverse = per_channel(kept + channels, channel, channels, 1.0)
    g = loaded(grad, offsets(tile, (grad_row, grad_column, grad_channel), slower, 1, cut), mask)
    if through:
        mean = per_channel(kept, channel, channels, 0.0)
        of_grads = per_channel(averages, channel, channels, 0.0)
        of_projections = per_channel(averages + channels, channel, channels, 0.0)
        values = loaded(x, offsets(tile, (x_row, x_column, x_channel), slower, 2, cut), mask)
        xh = centred(values, mean) * inverse.to(g.dtype)
        g = through_statistics(g, xh, of_grads, of_projections)
    gain = inverse * per_channel(weight, channel, channels, 1.0)
    where = offsets(tile, (out_row, out_column, out_channel), slower, 3, cut)
    tl.store(out + where, narrowed(g * gain.to(g.dtype), out), mask=mask)
