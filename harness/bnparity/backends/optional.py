"""Gradients by running statistics, and all else that a call has for those alone who take it.

A loss may depend on the new running statistics. Whoever takes its gradients by them is given
``grad_running_mean`` and ``grad_running_var``, ``(C,)`` each, beside ``grad_output``.
"""

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from bnparity.backends.errors import UsageError
from bnparity.backends.masks import has_parameter, without_words_for

#: The argument that says by its name that a backend takes both.
_BY_MEAN = "grad_running_mean"


def takes_statistics_gradients(backend: Any) -> bool:
    """Return whether a backend takes gradients by running statistics.

    Its attribute `statistics_gradients` says it, or its signature.

    Raises
    ------
    UsageError
        If the attribute is neither True nor False.
    """
    said = getattr(backend, "statistics_gradients", None)
    if said is None:
        return has_parameter(backend, _BY_MEAN)
    if not isinstance(said, bool):
        raise UsageError(f"the attribute statistics_gradients is {said!r}: give True or False")
    return said


def why_not_asked(backend: Any, arrays: Mapping[str, NDArray[Any] | None]) -> str:
    """Return why a backend cannot be asked with these arrays; nothing if it can."""
    if reason := without_words_for(backend, arrays.get("mask")):
        return reason
    if arrays.get(_BY_MEAN) is None or takes_statistics_gradients(backend):
        return ""
    return "it takes no gradients by running statistics"
