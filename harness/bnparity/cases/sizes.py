"""The sizes of cases: small ones, and those at which kernels change their minds.

A kernel has tiles, vectors, counters and thresholds, nearly all at powers of two: whatever is wrong
shows at one more, or one less, of something. That may be the batch, the channels, one extent, a
plane, the values of a channel or of an item, or the whole tensor. What is left is kept small, so
that a case near a power takes about as long as it has elements; the larger the rarer.
"""

from collections.abc import Sequence
from itertools import product
from math import isqrt, prod
from typing import Literal, TypeAlias, get_args

#: What is to have a size near a power of two.
Where: TypeAlias = Literal[
    "batch", "channels", "depth", "height", "width", "plane", "values", "item", "tensor"
]

#: Elements that a drawn case has at most, unless more are asked for: two of each of 65537 channels.
DRAWN_ELEMENTS = 2**17 + 2
#: Elements of a case that is near no power, or near a small one; more would show little that is
#: new.
_ORDINARY = 2**11
#: The powers and how many of 100 cases are near each: together about as long as the ordinary ones.
#: The last two are for who asks for more elements.
_SHARES = {
    2**5: 14,
    2**7: 10,
    2**8: 7,
    2**10: 5,
    2**12: 2,
    2**13: 1,
    2**14: 1,
    2**16: 1,
    2**18: 1,
    2**20: 1,
}
_CASES = 100

#: Where, and how far from the power.
Place: TypeAlias = tuple[Where, int]
PLACES: tuple[Place, ...] = tuple(product(get_args(Where), (1, -1, 0)))


def edges(most: int) -> tuple[int, ...]:
    """Return the powers of two to draw from, 0 for none, where `most` elements are allowed."""
    near = [power for power, share in _SHARES.items() if power <= most for _ in range(share)]
    return (*[0] * (_CASES - len(near)), *near)


def shape_of(
    drawn: Sequence[int], edge: int, place: Place, *, least: int, most: int
) -> tuple[int, ...]:
    """Return the shape of a case: as `drawn`, but with the size `edge` in the `place`.

    Parameters
    ----------
    drawn
        Batch, channels, and what lies behind them.
    edge, place
        A power of two, or 0 for none; what is to have about that size.
    least
        The least number of values a channel.
    most
        The largest number of elements.
    """
    fixed = _fixed(len(drawn), min(edge + place[1], most), place[0]) if edge else {}
    size = prod(fixed.values())
    room = max(min(_ORDINARY, most), size) // max(1, size)
    sizes = dict(fixed)
    for axis in (axis for axis in (*range(2, len(drawn)), 0, 1) if axis not in fixed):
        sizes[axis] = min(drawn[axis], room)
        room //= max(1, sizes[axis])
    if sizes[0] * prod(size for axis, size in sizes.items() if axis > 1) < least:
        sizes[0] = least
        sizes[1] = min(sizes[1], max(1, most // least))
    return tuple(sizes[axis] for axis in range(len(drawn)))


def _fixed(rank: int, size: int, where: Where) -> dict[int, int]:
    """Return the sizes of the axes that give `where` the `size`."""
    alone = dict.fromkeys(range(2, rank), 1)
    if where in ("depth", "height", "width") and rank > 2:
        return {2 + ("width", "height", "depth").index(where) % (rank - 2): size}
    if where == "plane" and rank > 2:
        return (
            dict(zip((rank - 1, rank - 2), _factors(size), strict=True)) if rank > 3 else {2: size}
        )
    if where == "values" and rank > 2:  # slices and rows have tails as columns have
        return alone | dict(zip((2 if rank == 5 else rank - 1, 0), _factors(size), strict=True))
    if where == "item" and rank > 2:
        return alone | dict(zip((max(rank - 2, 2), 1), _factors(size), strict=True))
    if where == "tensor":
        return alone | dict(zip((0, 1), _factors(size), strict=True))
    return {1 if where in ("channels", "item") else 0: size}


def _factors(size: int) -> tuple[int, int]:
    """Return two numbers whose product is `size`, the larger one first, as near as can be."""
    smaller = next(n for n in range(isqrt(size), 0, -1) if size % n == 0)
    return size // smaller, smaller
