"""The names of formats: `bfloat16` is none of NumPy's own."""

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import numpy as np


def dtype_of(given: Any, allowed: str) -> np.dtype[Any]:
    """Return the format that `given`, a NumPy dtype, a scalar type or a name, stands for.

    If it is none, or None, raise a TypeError that says what is `allowed`.
    """
    if isinstance(given, str) and given == "bfloat16":
        import ml_dtypes

        given = ml_dtypes.bfloat16
    with suppress(TypeError, ValueError):
        if given is not None:
            dtype: np.dtype[Any] = np.dtype(given)
            return dtype
    raise TypeError(f"dtype={given!r}: give {allowed}")


def names(choices: Iterable[object]) -> str:
    """Return `choices` as words.

    Examples
    --------
    >>> names(("float16", "float32"))
    'float16 or float32'
    """
    *first, last = map(str, choices)
    return f"{', '.join(first)} or {last}" if first else last
