"""How the programs of the Triton kernel walk over tensors ``(N, C, *spatial)``: in tiles, no copy.

A tile is rows by columns. The columns are the axis along which memory runs: an axis of the data,
and every program has one channel; or the channels themselves, where they lie side by side or have
few values each. Rows are all other axes, merged where every tensor lets them. Sizes of tiles are
few, since each is compiled apart, and depend on shapes and strides alone: so do results.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import gcd, prod

#: Values of a tile: 32 a thread of four warps, which its registers hold. Where channels are columns
#: there are twice as many threads: what a tile leaves of a column is small beside it then.
LANES, COLUMN_LANES = 4096, 8192
#: Values of the tiles that take a whole channel at once, read once: up to 16 warps.
WHOLE = (4096, 8192, 16384)
#: The columns a tile may have.
WIDTHS = (4096, 1024, 256, 64, 16, 4)
#: Fewer values of a channel than this leave most of a tile empty: channels are its columns then.
FEW = 128
#: Programs that sum up parts: several for each multiprocessor of any device, few enough to merge.
PARTS = 8192
#: Multiples of this many elements begin where the widest loads can, of 16 bytes: in formats of 2
#: bytes, and in wider ones.
GRAINS = (8, 4)

#: The size of an axis, and its stride in each tensor.
Axis = tuple[int, tuple[int, ...]]


@dataclass(frozen=True, kw_only=True)
class Strides:
    """Where one tensor lies: strides of the four axes of rows, of columns and of channels.

    That of columns is in elements, the others in grains of the view.
    """

    rows: tuple[int, ...]
    column: int
    channel: int


@dataclass(frozen=True, kw_only=True)
class View:
    """Tensors of one shape as the programs see them.

    Parameters
    ----------
    by_column
        Whether channels are columns; else each program has one channel.
    channels, rows, columns
        How many there are; ``columns`` are the channels where those are columns.
    sizes
        Of the four axes that rows run over, the last one running fastest.
    strides
        Of each tensor.
    grain
        What strides, and the number of columns, are multiples of: one of `GRAINS`, or 1.
    """

    by_column: bool
    channels: int
    rows: int
    columns: int
    sizes: tuple[int, ...]
    strides: tuple[Strides, ...]
    grain: int

    @property
    def count(self) -> int:
        """The values of a channel."""
        return self.rows if self.by_column else self.rows * self.columns

    @property
    def simple(self) -> bool:
        """Whether rows run over one axis: no index has to be divided."""
        return prod(self.sizes[:-1]) == 1

    @property
    def unit(self) -> bool:
        """Whether columns are neighbours in memory, in every tensor."""
        return all(strides.column == 1 for strides in self.strides)


@dataclass(frozen=True, kw_only=True)
class Tiling:
    """How a view is cut.

    Parameters
    ----------
    seen
        The view.
    height, width
        Rows and columns of a tile, powers of two.
    groups
        How many channels there are, or blocks of channels: what is summed up apart.
    tiles
        Tiles of a group.
    parts
        Programs that share the tiles of a group.
    """

    seen: View
    height: int
    width: int
    groups: int
    tiles: int
    parts: int

    @property
    def warps(self) -> int:
        """Warps of a program."""
        return self.height * self.width // 1024


def view(shape: Sequence[int], *strides: Sequence[int]) -> View:
    """Return the view of tensors that have one shape, none of them empty.

    Parameters
    ----------
    shape
        ``(N, C, *spatial)``.
    strides
        Of each tensor, in elements; the last one is that of the tensor which is written.

    Raises
    ------
    NotImplementedError
        If rows run over more than four axes that cannot be merged.

    Examples
    --------
    >>> lying = (384, 128, 16, 1)
    >>> seen = view((2, 3, 8, 16), lying, lying)
    >>> seen.by_column, seen.rows, seen.columns, seen.sizes
    (False, 2, 128, (1, 1, 1, 2))
    """
    axes = list(zip(shape, zip(*strides, strict=True), strict=True))
    channels, of_channel = axes.pop(1)
    axes = _merged([axis for axis in axes if axis[0] > 1])
    none = (0,) * len(strides)
    innermost = axes[-1] if axes else (1, (1,) * len(strides))
    few = prod(size for size, _ in axes) < FEW
    by_column = channels > 1 and (few or of_channel[-1] < innermost[1][-1])
    columns, of_columns = (channels, of_channel) if by_column else innermost
    rows = axes if by_column else axes[:-1]
    if len(rows) > 4:
        raise NotImplementedError(f"x has {len(shape)} axes that lie apart: at most 5 are taken")
    sizes, of_rows = zip(*[(1, none)] * (4 - len(rows)), *rows, strict=True)
    if by_column or channels == 1:
        of_channel = none
    grain = 1
    if set(of_columns) == {1}:
        shared = gcd(GRAINS[0], columns, *of_channel, *chain(*of_rows))
        grain = shared if shared in GRAINS else 1
    return View(
        by_column=by_column,
        channels=channels,
        rows=prod(sizes),
        columns=columns,
        sizes=sizes,
        strides=tuple(
            Strides(
                rows=tuple(stride // grain for stride in of_row),
                column=column,
                channel=channel // grain,
            )
            for of_row, column, channel in zip(
                zip(*of_rows, strict=True), of_columns, of_channel, strict=True
            )
        ),
        grain=grain,
    )


def whole(seen: View, largest: int = WHOLE[-1]) -> Tiling | None:
    """Return the tiling in which a tile of up to `largest` values holds whole channels, if any."""
    sizes = ((lanes // width, width) for lanes in WHOLE for width in _widths(seen))
    cuts = (_tiling(seen, *size) for size in sizes if prod(size) <= largest)
    return next((cut for cut in cuts if cut.tiles == 1), None)


def tiling(seen: View) -> Tiling:
    """Return how to cut channels that no tile holds: with the fewest idle values.

    Examples
    --------
    >>> lying = (64 * 12544, 12544, 112, 1)
    >>> cut = tiling(view((32, 64, 112, 112), lying, lying))
    >>> cut.height, cut.width, cut.tiles
    (16, 256, 98)
    """
    if seen.by_column:
        return _tiling(seen, COLUMN_LANES // _widths(seen)[-1], _widths(seen)[-1])
    cuts = [_tiling(seen, LANES // width, width) for width in WIDTHS]
    return min(cuts, key=lambda cut: cut.tiles)  # the first of several: the widest


def _widths(seen: View) -> tuple[int, ...]:
    """Return the widths to choose from; of channels that are columns no wider than they need."""
    if not seen.by_column:
        return WIDTHS
    fitting = (width for width in WIDTHS if width < 4 * seen.columns)
    return tuple(width for width in fitting if width >= min(seen.columns, 64))


def _tiling(seen: View, height: int, width: int) -> Tiling:
    down, across = -(-seen.rows // height), -(-seen.columns // width)
    groups, tiles = (across, down) if seen.by_column else (seen.channels, down * across)
    parts = -(-tiles // -(-tiles * groups // PARTS))
    return Tiling(seen=seen, height=height, width=width, groups=groups, tiles=tiles, parts=parts)


def _merged(axes: list[Axis]) -> list[Axis]:
    """Return axes with neighbours in every tensor made one."""
    found: list[Axis] = []
    for size, strides in sorted(axes, key=lambda axis: -axis[1][-1]):
        if found and found[-1][1] == tuple(size * stride for stride in strides):
            found[-1] = (found[-1][0] * size, strides)
        else:
            found.append((size, strides))
    return found
