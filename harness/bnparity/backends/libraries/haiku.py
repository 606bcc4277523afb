"""haiku.BatchNorm, as the module that it is."""

from typing import Any

from bnparity.backends.libraries.library import Library


def _module() -> Any:
    import haiku

    return haiku.BatchNorm


BACKEND = Library(
    package="haiku",
    environment="haiku",
    ways={"": _module},
    said={"compiles": "shape", "degenerate": True},
)
