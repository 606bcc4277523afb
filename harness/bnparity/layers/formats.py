"""The formats of arrays that the layers know, by name: `bfloat16` is no format of NumPy's own."""

from collections.abc import Collection
from typing import Any

import numpy as np


def dtype_of(given: Any, allowed: str) -> np.dtype[Any]:
    """Return the format that `given` names.

    Parameters
    ----------
    given
        A NumPy dtype, a scalar type or a name, ``"bfloat16"`` among them.
    allowed
        What to say is allowed.

    Raises
    ------
    TypeError
        If it is no format, or none was given.
    """
    if isinstance(given, str) and given == "bfloat16":
        import ml_dtypes

        given = ml_dtypes.bfloat16
    if given is not None:
        try:
            dtype: np.dtype[Any] = np.dtype(given)
        except (TypeError, ValueError):
            pass
        else:
            return dtype
    raise TypeError(f"dtype={given!r}: give {allowed}")


def names(formats: Collection[str]) -> str:
    """Return `formats` as words.

    Examples
    --------
    >>> names(("float16", "float32"))
    'float16 or float32'
    """
    *first, last = formats
    return f"{', '.join(first)} or {last}" if first else last
