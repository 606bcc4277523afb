"""The sizes of cases are counted, and the counts of parts add up."""

from bnparity.cases.case import Case
from bnparity.results.sizes import (
    SIZES,
    Sizes,
    add_sizes,
    sizes_from_json,
    sizes_of,
    sizes_to_json,
)


def test_sizes_are_the_powers_of_two_below() -> None:
    """Each of what a kernel may have a threshold in."""
    assert sizes_of(Case(shape=(33, 3, 5, 7))) == {
        "batch": 32,
        "channels": 2,
        "extent": 4,
        "plane": 32,
        "values": 1024,
        "item": 64,
        "elements": 2048,
    }
    assert sizes_of(Case(shape=(0, 4)))["elements"] == 0
    assert tuple(sizes_of(Case())) == SIZES


def test_counts_survive_json_and_add_up() -> None:
    """In the order of sizes, not of their digits."""
    sizes: Sizes = {}
    for counts in ({16: 1, 2: 3}, {2: 4}):
        add_sizes(sizes, {"batch": counts})
    written = sizes_to_json(sizes)
    assert written == {"batch": {"2": 7, "16": 1}}
    assert list(written["batch"]) == ["2", "16"]
    assert sizes_from_json(written) == sizes
