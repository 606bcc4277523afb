"""Arrays for those who do not take every stride: made contiguous, or without negative ones."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

_Arrays: TypeAlias = Mapping[str, NDArray[Any] | None]


def taken_by(backend: object, arrays: _Arrays) -> _Arrays:
    """Return the arrays in a layout that a backend says it takes: contiguous ones, or any."""
    if contiguous_only(backend):
        return {name: None if a is None else np.ascontiguousarray(a) for name, a in arrays.items()}
    return arrays


def contiguous_only(backend: object) -> bool:
    """Return whether a backend says by its attribute `layouts` that it takes nothing else."""
    layouts = getattr(backend, "layouts", ())
    return tuple([layouts] if isinstance(layouts, str) else layouts) == ("contiguous",)


def without_negative(arrays: _Arrays) -> _Arrays | None:
    """Return the arrays with those copied that have negative strides; None if none has."""
    negative = {
        name: np.ascontiguousarray(a)
        for name, a in arrays.items()
        if a is not None and any(stride < 0 for stride in a.strides)
    }
    return {**arrays, **negative} if negative else None
