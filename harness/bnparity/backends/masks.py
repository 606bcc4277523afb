"""Masks: who is asked with one, and of which shape it may be.

A mask is an array of bool, ``(N, 1, *spatial)`` or like the data, True where a value takes part in
the batch's statistics. Nobody is given one who does not take it.
"""

import inspect
from typing import Any

from numpy.typing import NDArray

from bnparity.backends.errors import UsageError, did_you_mean

#: What a backend can take: none, one value for all channels of a position, or one for each element.
MASKS = ("", "positions", "elements")


def mask_taken_by(backend: Any) -> str:
    """Return which masks a backend takes, as its attribute `takes_mask` says it or its signature.

    Raises
    ------
    UsageError
        If the attribute is no word for that.
    """
    said = getattr(backend, "takes_mask", None)
    if said is None:
        return "elements" if has_parameter(backend, "mask") else ""
    if isinstance(said, bool):
        return "elements" if said else ""
    if said not in MASKS:
        hint = did_you_mean(str(said), MASKS[1:])
        raise UsageError(
            f"the attribute takes_mask is {said!r}: give True, False or {MASKS[1]!r}{hint}"
        )
    return str(said)


def has_parameter(called: Any, name: str) -> bool:
    """Return whether something that can be called has a parameter of a name."""
    try:
        return name in inspect.signature(called).parameters
    except (TypeError, ValueError):
        return False


def without_words_for(backend: Any, mask: NDArray[Any] | None) -> str:
    """Return why a backend cannot be asked with a mask; nothing if it can."""
    if mask is None:
        return ""
    taken = mask_taken_by(backend)
    if not taken:
        return "it takes no mask"
    by_channel = mask.shape[1] != 1
    return "it takes one mask for all channels" if by_channel and taken == "positions" else ""
