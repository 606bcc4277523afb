"""bnparity: numerical parity testing of BatchNorm implementations against a float64 oracle."""

from importlib import import_module

TYPE_CHECKING = False  # as type checkers know it: to import it takes longer than all of this
if TYPE_CHECKING:
    from typing import Any

    from bnparity_reference import Dialect as Dialect

    from bnparity.backends import UsageError as UsageError
    from bnparity.frontends.api import Comparison as Comparison
    from bnparity.frontends.api import Verdict as Verdict
    from bnparity.frontends.api import assert_parity as assert_parity
    from bnparity.frontends.api import check as check
    from bnparity.frontends.api import compare as compare
    from bnparity.frontends.api import judge as judge
    from bnparity.porting import Layer as Layer
    from bnparity.porting import Untranslatable as Untranslatable
    from bnparity.porting import translate as translate

__version__ = "0.1.0"

_PLACES = {
    **dict.fromkeys(("Layer", "Untranslatable", "translate"), "bnparity.porting"),
    **dict.fromkeys(("assert_parity", "check", "compare", "judge"), "bnparity.frontends.api"),
    **dict.fromkeys(("Comparison", "Verdict"), "bnparity.frontends.api"),
    "Dialect": "bnparity_reference",
    "UsageError": "bnparity.backends",
}


def __getattr__(name: str) -> "Any":
    """Return what is asked for first: workers import this package in a hurry, without NumPy."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return what there is for users, and what every module has."""
    return sorted({name for name in globals() if name.startswith("__")} | _PLACES.keys())
