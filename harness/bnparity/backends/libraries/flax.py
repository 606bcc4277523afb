"""flax.linen.BatchNorm and flax.nnx.BatchNorm, with the variance in one pass and in two."""

from functools import partial
from typing import Any

from bnparity.backends.libraries.library import Library


def _linen() -> Any:
    from flax import linen

    return linen.BatchNorm


def _nnx() -> Any:
    from flax import nnx

    return nnx.BatchNorm


BACKEND = Library(
    package="flax",
    environment="flax",
    ways={
        "": _linen,
        "fast_variance=False": lambda: partial(_linen(), use_fast_variance=False),
        "nnx": _nnx,
        "nnx,fast_variance=False": lambda: partial(_nnx(), use_fast_variance=False),
    },
    said={"compiles": "shape", "degenerate": True},
)
