"""What a call returned, in words: what a value is, and the names that no output has."""

from collections.abc import Container, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

import numpy as np

#: Names that are told, and characters of each: a mapping may have any.
MOST_NAMES, LONGEST_NAME = 8, 40


def kind_of(value: object) -> str:
    """Return what `value` is, in words: format and shape of an array, else its type."""
    if type(value) is np.ndarray:
        return f"{value.dtype.name} array of shape {value.shape}"
    return "".join(c for c in type(value).__name__[:100] if c.isprintable())


def names_besides(returned: Mapping[Any, Any], known: Container[str]) -> tuple[str, ...]:
    """Return the names in a mapping that are not `known`: one of them may be a misspelled output.

    Examples
    --------
    >>> names_besides({"outptu": 1, "running_mean": 2}, {"output", "running_mean"})
    ('outptu',)
    """
    names: list[str] = []
    with suppress(Exception):  # a mapping may do anything, and this is a hint
        names = [name for name in islice(returned, 4 * MOST_NAMES) if isinstance(name, str)]
    others = [name[:LONGEST_NAME] for name in names if name not in known and name.isprintable()]
    return tuple(others[:MOST_NAMES])
