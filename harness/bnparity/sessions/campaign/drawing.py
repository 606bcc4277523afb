"""Draws that depend on their seed alone.

Hypothesis now and then takes a constant that it has read in the source of a loaded module, if the
module lies outside of site-packages. The same seed then draws other cases once another module is
loaded, or edited. `hypothesis.settings` has no switch for that, so its source of such constants is
replaced, where it has one.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from hypothesis.internal.conjecture import providers


class _NoConstants:
    """What stands in for the constants of loaded modules."""

    def set_for_type(self, _: object) -> tuple[()]:
        return ()


@contextmanager
def without_local_constants() -> Iterator[None]:
    """Draw no constants of loaded modules while this lasts."""
    original = getattr(providers, "_get_local_constants", None)
    if original is None:  # a version without such constants
        yield
        return
    nothing = _NoConstants()
    _replace(lambda: nothing)
    try:
        yield
    finally:
        _replace(original)


def _replace(source: object) -> None:
    # Which constants fit which draw is remembered there, those of modules included.
    providers.CONSTANTS_CACHE.cache.clear()
    vars(providers)["_get_local_constants"] = source
