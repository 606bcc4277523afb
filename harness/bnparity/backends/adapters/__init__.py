"""Layers and functions as their authors have them, made backends: one file for each kind.

Like all that runs in a backend's own interpreter, this needs NumPy and the standard library alone
at import time.
"""

from bnparity.backends.adapters.adapt import adapted
from bnparity.backends.adapters.adapted import AFFINES, Adapted
from bnparity.backends.adapters.kinds import is_layer
from bnparity.backends.adapters.told import KINDS, in_brackets, told

__all__ = ["AFFINES", "KINDS", "Adapted", "adapted", "in_brackets", "is_layer", "told"]
