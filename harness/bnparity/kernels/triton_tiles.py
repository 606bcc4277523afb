"""What the loops of the Triton kernel do with one tile: where it lies, its sums, its moments.

Values are computed with in float32, float64 ones in float64; statistics are float64. Functions for
kernels alone. Where a tile has a channel a column, values of a channel are ``[1, width]``, else
``[1, 1]``.
"""
# ruff: noqa: ANN001, ANN201  # the types of a kernel's arguments are Triton's to find
# ruff: noqa: RET505  # Triton compiles one branch of two, and whatever follows both

from collections.abc import Callable
from typing import Any, NamedTuple

import triton
import triton.language as tl

#: Triton's interpreter reads subnormal bfloat16 wrongly, and cuts off where compiled code rounds:
#: there, the bits are done by hand.
INTERPRETED = tl.constexpr(triton.knobs.runtime.interpret)


class Cut(NamedTuple):
    """What a kernel is compiled for; see `bnparity.kernels.triton_views`."""

    height: int
    width: int
    by_column: bool
    unit: bool
    grain: int


def inlined(function: Callable[..., Any]) -> Any:
    """Make a function a part of the kernels that call it.

    The interpreter runs it as it stands, in the kernel's scope: made its own, every call would take
    it half a millisecond to patch Triton's language for it.
    """
    return function if INTERPRETED else triton.jit(function)


@inlined
def place(parts, cut: tl.constexpr, backwards: tl.constexpr):
    """Return group and part of this program; those that run at a time are neighbours in memory.

    Whoever reads data a second time begins with those that were read last: in cache, with luck.
    """
    program = tl.program_id(0)
    if backwards:
        program = tl.num_programs(0) - 1 - program
    if cut.by_column:
        groups = tl.num_programs(0) // parts
        return (program % groups).to(tl.int64), (program // groups).to(tl.int64)
    else:
        return (program // parts).to(tl.int64), (program % parts).to(tl.int64)


@inlined
def columns_of(block, width: tl.constexpr):
    """Return the indices of a tile's columns, ``[1, width]``."""
    return block * width + tl.arange(0, width)[None, :].to(tl.int64)


@inlined
def channels_of(group, cut: tl.constexpr):
    """Return the channels of a group."""
    if cut.by_column:
        return columns_of(group, cut.width)
    else:
        return columns_of(group, 1)


@inlined
def tiles_of(part, parts, down, across, cut: tl.constexpr):
    """Return the first tile of a part of a group, and the one after its last.

    Tiles are counted in 32 bits, as programs are; to divide 64 takes far longer.
    """
    tiles = (down + cut.height - 1) // cut.height
    if not cut.by_column:
        tiles *= (tl.cast(across, tl.int64) * cut.grain + cut.width - 1) // cut.width
    tiles, part = tl.cast(tiles, tl.int32), tl.cast(part, tl.int32)
    each = (tiles + parts - 1) // parts
    return part * each, tl.minimum((part + 1) * each, tiles)


@inlined
def tile_of(group, index, down, across, cut: tl.constexpr):
    """Return a tile of a group, for `offsets`; its mask, and its number of values a channel.

    There are `down` rows, and `across` grains of columns.
    """
    columns = tl.cast(across, tl.int64) * cut.grain  # beyond 32 bits where a grain is several
    if cut.by_column:
        i, j = tl.cast(index, tl.int64), group
    else:
        abreast = tl.cast((columns + cut.width - 1) // cut.width, tl.int32)
        index = tl.cast(index, tl.int32)
        i, j = tl.cast(index // abreast, tl.int64), tl.cast(index % abreast, tl.int64)
    count = tl.minimum(down - i * cut.height, cut.height)
    if not cut.by_column:
        count *= tl.minimum(columns - j * cut.width, cut.width)
    row = i * cut.height + tl.arange(0, cut.height)[:, None].to(tl.int64)
    column = columns_of(j, cut.width)
    return (group, row, column), (row < down) & (column < columns), count


@inlined
def offsets(tile, strides, slower, tensor: tl.constexpr, cut: tl.constexpr):
    """Return where the values of a tile lie in a tensor, in elements.

    `strides` are those of rows, columns and channels. Where rows run over several axes, `slower`
    has the sizes of all but the slowest axis, and for the 1st, 2nd, ... `tensor` the strides of all
    but the fastest. (In a tile that is returned, Triton 3.6 could not have it as None.)
    """
    group, row, column = tile
    if slower is None:
        grains = row * strides[0]
    else:
        sizes, above = slower[0], row // slower[0][2]
        beyond = above // sizes[1]
        grains = (row % sizes[2]) * strides[0] + (above % sizes[1]) * slower[tensor][2]
        grains += (beyond % sizes[0]) * slower[tensor][1] + (beyond // sizes[0]) * slower[tensor][0]
    if not cut.by_column:
        grains += group * strides[2]
    if cut.unit:
        return grains * cut.grain + column
    else:
        return grains * cut.grain + column * strides[1]


@inlined
def widened(values):
    """Return values in the format of the arithmetic."""
    if values.dtype == tl.float64:
        return values
    elif INTERPRETED and values.dtype == tl.bfloat16:
        bits = values.to(tl.uint16, bitcast=True).to(tl.uint32) << 16
        return bits.to(tl.float32, bitcast=True)
    else:
        return values.to(tl.float32)


@inlined
def narrowed(values, like):
    """Return `values` in the format of a tensor, rounded to nearest, ties to even."""
    if like.dtype.element_ty == tl.float64:
        return values.to(tl.float64)
    elif INTERPRETED and like.dtype.element_ty == tl.bfloat16:
        bits = values.to(tl.float32).to(tl.uint32, bitcast=True)
        rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
        kept = tl.where(tl.abs(values) >= 0.0, rounded, (bits >> 16) | 0x40)  # a NaN stays one
        return kept.to(tl.uint16).to(tl.bfloat16, bitcast=True)
    else:
        return values.to(tl.float32).to(like.dtype.element_ty)


@inlined
def loaded(tensor, where, mask):
    """Return values in the format of the arithmetic, 0 where there are none."""
    return widened(tl.load(tensor + where, mask=mask, other=0.0))


@inlined
def over_rows(values):
    """Return the sum of each column, ``[1, width]``.

    Compiled code sums in a tree; the interpreter one row after the other, here only up to 16.
    """
    if INTERPRETED and values.shape[0] > 16:
        rows = tl.reshape(values, [values.shape[0] // 16, 16, values.shape[1]])
        return tl.sum(tl.sum(rows, 1), 0, keep_dims=True)
    else:
        return tl.sum(values, 0, keep_dims=True)


@inlined
def total(values, cut: tl.constexpr):
    """Return the sums over each channel of a tile."""
    if cut.by_column:
        return over_rows(values)
    else:
        return tl.sum(values, keep_dims=True)  # at once: row by row every row takes shuffles


@inlined
def is_finite(values):
    """Return which values are neither infinite nor NaN."""
    return tl.abs(values) < float("inf")


@inlined
def mean_and_distances(values, mask, count, cut: tl.constexpr):
    """Return a float64 mean of so many values that there are, distances from a guess, their mean.

    What rounding took from the first sum is in the sum of the distances, which is small where that
    was large: of equal values nothing is lost.
    """
    near = total(values, cut) * (1.0 / count.to(values.dtype))
    distances = tl.where(mask, values - near, 0.0)
    rest = total(distances, cut).to(tl.float64) * (1.0 / count.to(tl.float64))
    mean = near.to(tl.float64) + tl.where(is_finite(rest), rest, 0.0)  # infinity stays infinity
    return mean, distances, rest


@inlined
def moments(values, mask, count, cut: tl.constexpr):
    """Return mean and sum of squares about it, in float64, of so many values that there are.

    Chan, Golub and LeVeque's corrected two-pass (1983).
    """
    mean, distances, rest = mean_and_distances(values, mask, count, cut)
    squares = total(distances * distances, cut).to(tl.float64)
    return mean, squares - rest * rest * count.to(tl.float64)


@inlined
def joined(count, mean, m2, n, mean_of_n, m2_of_n):
    """Return mean and sum of squares of `count` values joined with those of `n`.

    Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample
    variances" (1979).
    """
    share = n / (count + n)
    delta = mean_of_n - mean
    step = tl.where(is_finite(delta), delta * share, mean_of_n)  # infinity stays infinity
    return mean + step, m2 + m2_of_n + delta * delta * (count * share)


@inlined
def centred(values, mean):
    """Return values less a float64 mean; what that has beyond their format goes off apart."""
    high = mean.to(values.dtype)
    rest = mean - high.to(tl.float64)
    low = tl.where(is_finite(rest), rest, 0.0).to(values.dtype)
    return (values - high) - low


@inlined
def per_channel(tensor, channels, channels_there, default: tl.constexpr):
    """Return values of channels in float64, of parameters that may be None."""
    if tensor is None:
        return tl.full(channels.shape, default, tl.float64)
    else:
        return loaded(tensor, channels, channels < channels_there).to(tl.float64)


@inlined
def average(old, new, batch, share, channels, channels_there):
    """Store the running statistics after a batch, if there are any."""
    if old is not None:
        before = per_channel(old, channels, channels_there, 0.0)
        after = (1.0 - share) * before + share * batch
        tl.store(new + channels, narrowed(after, new), mask=channels < channels_there)
