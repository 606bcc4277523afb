"""A size near a power of two is where it is asked for, and the rest is small."""

from math import prod

import pytest
from bnparity.cases.sizes import DRAWN_ELEMENTS, Where, edges, shape_of

DRAWN = (5, 3, 2, 4, 7)


def shape(
    where: Where, edge: int, rank: int = 4, off: int = 1, most: int = DRAWN_ELEMENTS
) -> list[int]:
    """Return the shape of a case with a size of `edge` + `off`."""
    return list(shape_of(DRAWN[:rank], edge, (where, off), least=2, most=most))


@pytest.mark.parametrize("rank", [2, 3, 4, 5])
@pytest.mark.parametrize("edge", [32, 1024, 65536])
def test_size_is_where_it_is_asked_for(edge: int, rank: int) -> None:
    """In every rank, however it is made up."""
    size = edge + 1
    assert shape("batch", edge, rank)[0] == size
    assert shape("channels", edge, rank)[1] == size
    assert prod(shape("tensor", edge, rank)) == size
    batch, _, *behind = shape("values", edge, rank)
    assert batch * prod(behind) == size
    _, channels, *behind = shape("item", edge, rank)
    assert channels * prod(behind) == size
    if rank > 2:
        assert prod(shape("plane", edge, rank)[2:][-2:]) == size
        assert {size} <= {shape(where, edge, rank)[2] for where in ("depth", "height", "width")}


def test_what_is_beside_a_large_size_is_small() -> None:
    """A case takes about as long as it has elements."""
    assert shape("batch", 65536) == [65537, 1, 1, 1]
    assert shape("channels", 65536) == [2, 65537, 1, 1]
    assert shape("width", 32) == [5, 3, 33, 4]


def test_no_size_is_beyond_what_is_allowed() -> None:
    """Neither a power, nor what is next to it."""
    assert shape("batch", 32, most=32)[0] == 32
    assert shape("channels", 32, most=40)[:2] == [2, 20]
    assert max(edges(1000)) == 256
    assert len(edges(2**20)) == len(edges(2)) == 100
