"""What a backend can be asked, by what it says of itself."""

from bnparity.backends import Capabilities, Name, format_of, listed, opened
from bnparity.cases import declaration


def loadable(name: Name) -> None:
    """Check that a name that is anybody's own leads to a backend; a `UsageError` if it does not.

    A session asks before it begins, so that a typo does not show after minutes of work.
    """
    if name.base not in listed():
        with opened(name) as backend:
            declaration(backend.capabilities.dialect)
            for dtype in backend.capabilities.dtypes:
                format_of(dtype)


def least_values(capabilities: Capabilities) -> int:
    """Return how few values a channel of a case may have."""
    return 0 if capabilities.degenerate else 2


def dtypes_of(wanted: tuple[str, ...] | None, capabilities: Capabilities) -> tuple[str, ...]:
    """Return the formats to judge: those `wanted` that the backend takes, or its default."""
    if wanted is None:
        wanted = ("float32",) if "float32" in capabilities.dtypes else capabilities.dtypes
    return tuple(dtype for dtype in wanted if dtype in capabilities.dtypes)


def takes_none_of(wanted: tuple[str, ...] | None) -> str:
    """Return why a backend that takes none of the formats `wanted` is not judged."""
    return f"it takes no {', '.join(wanted or ())}"
