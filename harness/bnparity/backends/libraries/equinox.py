"""equinox.nn.BatchNorm, in its default mode and in the one that normalises by the batch."""

from functools import partial
from typing import Any

from bnparity.backends.libraries.library import Library


def _layer() -> Any:
    from equinox.nn import BatchNorm

    return BatchNorm


def _of_batch() -> Any:
    def made(channels: int, eps: float, momentum: float) -> Any:
        return partial(_layer(), mode="batch")(channels, "batch", eps=eps, momentum=momentum)

    return made


BACKEND = Library(
    package="equinox",
    environment="equinox",
    ways={"": _layer, "mode=batch": _of_batch},
    said={"compiles": "shape", "degenerate": True},
)
