"""All loops; to import them compiles them, or reads what has been compiled."""

from bnparity_reference.compiled.rows import (
    DIFFERENCE,
    NORMALIZED,
    PRODUCT,
    QUOTIENT,
    ROOT,
    ROUNDED,
    SHARE,
    SUM,
    centred,
    combined,
    line,
    plane,
)
from bnparity_reference.compiled.sums import extremes, total

__all__ = [
    "DIFFERENCE",
    "NORMALIZED",
    "PRODUCT",
    "QUOTIENT",
    "ROOT",
    "ROUNDED",
    "SHARE",
    "SUM",
    "centred",
    "combined",
    "extremes",
    "line",
    "plane",
    "total",
]
