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


def _nnx_in_two_passes() -> Any:
    from flax import nnx

    def made(
        channels: int,
        eps: float,
        momentum: float,
        *,
        use_scale: bool = True,
        use_bias: bool = True,
    ) -> Any:
        return nnx.BatchNorm(
            channels,
            epsilon=eps,
            momentum=momentum,
            use_scale=use_scale,
            use_bias=use_bias,
            use_fast_variance=False,
            rngs=nnx.Rngs(0),
        )

    return made


BACKEND = Library(
    package="flax",
    environment="flax",
    ways={
        "": _linen,
        "fast_variance=False": lambda: partial(_linen(), use_fast_variance=False),
        "nnx": _nnx,
        "nnx,fast_variance=False": _nnx_in_two_passes,
    },
    said={"compiles": "shape", "degenerate": True},
)
