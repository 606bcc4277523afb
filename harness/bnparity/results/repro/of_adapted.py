"""Part of the ``repro.py`` of a finding in a layer as its author has it.

What makes a function of the contract of it is bnparity's adapter, which has to be there.
"""

import sys
from collections.abc import Callable, Mapping
from typing import Any

from bnparity.backends import Array


def opened(finding: Mapping[str, Any]) -> tuple[Callable[..., Any], str]:
    """Return the call, given the state that the one before returned, and where it comes from."""
    from bnparity.backends import load_target

    place, _, attribute = finding["target"].rpartition(":")
    if place.endswith(".py") and len(sys.argv) > 1:
        place = sys.argv[1]
    backend: Any = load_target(f"{place}:{attribute}", finding["variant"])
    kept: list[Any] = [None]

    def call(*arrays: Array | None, grad_output: Array | None, **settings: Any) -> Any:
        if backend.stateful:
            settings["state"] = kept[-1]
        returned = backend(*map(named, arrays), grad_output=named(grad_output), **settings)
        kept.append(returned.get("state"))
        return returned

    return call, f"{attribute} of {place}, {backend.taken_for}"


def named(array: Array | None) -> Array | None:
    """Return the array that an adapter takes: a bfloat16 one for the bits of one."""
    if array is None or array.dtype.name != "uint16":
        return array
    import ml_dtypes

    bfloat16: Array = array.view(ml_dtypes.bfloat16)
    return bfloat16
