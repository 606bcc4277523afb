"""The masks of cases: which values of the data take part in the batch's statistics."""

from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from bnparity.cases.case import Case, Mask

#: The kinds of masks that there are.
_KINDS: tuple[Mask, ...] = get_args(Mask)[1:]
#: One case in so many has a mask.
_ONE_IN = 5
#: Masks that leave one value or none of a channel.
_FEW = ("one", "nothing", "empty_channel")
#: Masks that have a value for each element.
OF_ELEMENTS = ("elements", "empty_channel")
#: The least values that other masks leave in, of as many as there are.
_LEAST = 2


def mask_asked(case: Case, taken: str, least: int) -> Mask:
    """Return the mask that a case is asked with.

    Exact data stay whole: it is over all values that their sums have no error.

    Parameters
    ----------
    case
        The case without one. Its seed decides.
    taken
        The masks that the backend takes: ``"positions"``, ``"elements"``, or nothing.
    least
        The fewest values of a channel that it can be asked about.
    """
    if case.recipe.values == "exact" or not taken:
        return "none"
    kinds = [
        kind
        for kind in _KINDS
        if (taken == "elements" or kind not in OF_ELEMENTS) and (least == 0 or kind not in _FEW)
    ]
    none = (_ONE_IN - 1) * len(kinds)  # these come first: what is shrunk has none
    place = (case.recipe.seed >> 4) % (none + len(kinds))
    return "none" if place < none else kinds[place - none]


def mask_of(case: Case) -> NDArray[np.bool_] | None:
    """Return the mask of a case: a value for each position, or for each element."""
    if case.mask == "none":
        return None
    of_elements = case.mask in OF_ELEMENTS
    shape = case.shape if of_elements else (case.shape[0], 1, *case.shape[2:])
    rng = np.random.Generator(np.random.PCG64((case.recipe.seed, 1)))
    rows = _rows(case.mask, case.values_per_channel, 1 if not of_elements else case.shape[1], rng)
    mask: NDArray[Any] = np.moveaxis(rows.reshape(shape[1], shape[0], *shape[2:]), 0, 1)
    return np.ascontiguousarray(mask)


def _rows(kind: Mask, n: int, channels: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return a mask with the channels first, (C, n)."""
    if kind in ("all", "nothing"):
        return np.full((channels, n), kind == "all")
    # So many in each channel come first in an order of their own.
    order = rng.permuted(np.broadcast_to(np.arange(n), (channels, n)), axis=1)
    left = 1 if kind == "one" else _LEAST
    rows: NDArray[np.bool_] = order < left
    if kind != "one":
        rows = rows | (rng.random((channels, n)) < rng.choice([0.25, 0.5, 0.9]))
    if kind == "empty_channel":
        rows[0] = False
    return rows
