"""Which sizes the cases of a backend had: a pass says nothing of sizes that nobody asked for."""

from collections import Counter
from collections.abc import Mapping
from math import prod
from typing import TypeAlias

from bnparity.cases import Case

#: How many cases by what has the size, and by the largest power of two that is not above it; 0 has
#: a place of its own.
Sizes: TypeAlias = dict[str, Counter[int]]

SIZES = ("batch", "channels", "extent", "plane", "values", "item", "elements")


def sizes_of(case: Case) -> dict[str, int]:
    """Return the power of two below each size of `case`.

    Examples
    --------
    >>> sizes_of(Case(shape=(33, 3, 5, 7)))["plane"]
    32
    """
    batch, channels, *behind = case.shape
    found = {
        "batch": batch,
        "channels": channels,
        "extent": max(behind, default=1),
        "plane": prod(behind[-2:]),
        "values": case.values_per_channel,
        "item": channels * prod(behind),
        "elements": prod(case.shape),
    }
    return {name: 1 << size.bit_length() >> 1 for name, size in found.items()}


def add_sizes(sizes: Sizes, of: Mapping[str, Mapping[int, int]]) -> None:
    """Add the counts in `of` to `sizes`."""
    for name, counts in of.items():
        sizes.setdefault(name, Counter()).update(counts)


def sizes_to_json(sizes: Sizes) -> dict[str, dict[str, int]]:
    """Return the counts as results have them, in the order of sizes."""
    return {name: {str(n): sizes[name][n] for n in sorted(sizes[name])} for name in sizes}


def sizes_from_json(written: Mapping[str, Mapping[str, int]]) -> Sizes:
    """Return the counts that `sizes_to_json` has written."""
    return {
        name: Counter({int(n): c for n, c in counts.items()}) for name, counts in written.items()
    }
