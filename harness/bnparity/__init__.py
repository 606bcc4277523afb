"""bnparity: numerical parity testing of BatchNorm implementations against a float64 oracle."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bnparity.porting import Layer as Layer
    from bnparity.porting import Untranslatable as Untranslatable
    from bnparity.porting import translate as translate

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Return what is asked for first: workers import this package in a hurry, without NumPy."""
    if name in ("Layer", "Untranslatable", "translate"):
        from bnparity import porting

        return getattr(porting, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
