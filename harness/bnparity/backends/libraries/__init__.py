"""The layers and functions of installed distributions, one file each, as backends by name.

Nothing here imports a framework before its backend is asked for.
"""

from bnparity.backends.libraries.library import Library

__all__ = ["Library"]
