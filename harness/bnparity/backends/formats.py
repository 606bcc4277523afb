"""The floating-point formats a case can ask for, with the figures that the bounds need."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from bnparity.backends.errors import UsageError, did_you_mean

#: Names in the order in which they are listed and shrunk to.
FORMATS = ("float32", "float64", "float16", "bfloat16")


@dataclass(frozen=True)
class Format:
    """One floating-point format.

    ``unit`` is the unit roundoff, 2 ** -24 for float32; ``tiny`` the smallest normal number and
    ``subnormal`` the smallest positive one; ``largest`` the largest finite one.
    """

    name: str
    dtype: np.dtype[Any]
    unit: float
    tiny: float
    subnormal: float
    largest: float


#: What tensor cores round float32 factors to: 10 bits behind the point, and an exponent of 8. It is
#: a format of intermediate results alone: arrays of it are arrays of float32.
TFLOAT32 = Format(
    name="tfloat32",
    dtype=np.dtype(np.float32),
    unit=2.0**-11,
    tiny=2.0**-126,
    subnormal=2.0**-136,
    largest=(2.0 - 2.0**-10) * 2.0**127,
)


@cache
def format_of(name: str) -> Format:
    """Return the format called `name`.

    Raises
    ------
    UsageError
        If bnparity knows no such format.
    """
    if name not in FORMATS:
        known, hint = ", ".join(FORMATS), did_you_mean(name, FORMATS)
        raise UsageError(f"{name!r} is not a dtype bnparity knows: choose from {known}{hint}")
    import ml_dtypes  # the interpreters of backends need not have it

    info = ml_dtypes.finfo(name)  # type: ignore[no-untyped-call]  # it ships none
    return Format(
        name=name,
        dtype=np.dtype(name),
        unit=float(info.eps) / 2,
        tiny=float(info.smallest_normal),
        subnormal=float(info.smallest_subnormal),
        largest=float(info.max),
    )
