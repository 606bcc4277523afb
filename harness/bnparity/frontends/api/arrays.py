"""Arrays at hand, judged: one call that somebody has made, in whatever framework."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from bnparity_reference import Dialect

from bnparity.backends import (
    ARGUMENTS,
    OPTIONAL,
    OUTPUT_LIKE,
    UsageError,
    array_of,
    did_you_mean,
    kind_of,
)
from bnparity.frontends.api.given import number
from bnparity.frontends.api.stated import stated
from bnparity.frontends.api.verdict import Verdict, verdict_of
from bnparity.frontends.commands.parsing import not_negative
from bnparity.sessions import judge_recorded, recorded_call


def judge(
    outputs: Mapping[str, Any],
    inputs: Mapping[str, Any],
    *,
    training: bool,
    momentum: float | None,
    eps: float,
    dialect: str | Dialect = "torch",
) -> Verdict:
    """Judge what one call returned.

    Parameters
    ----------
    outputs
        What there is of ``output``, ``running_mean``, ``running_var``, ``grad_input``,
        ``grad_weight`` and ``grad_bias``; what is missing or None is not checked.
    inputs
        ``x``, and what the call took of ``weight``, ``bias``, ``running_mean``, ``running_var``,
        as they were before it, ``grad_output`` and ``mask``, True where a value takes part in the
        batch's statistics. Arrays of NumPy, or tensors of PyTorch.
    training, momentum, eps
        The other arguments, as the dialect means them.
    dialect
        The conventions to judge by.

    Raises
    ------
    UsageError
        If an argument is wrong; the message says how to mend it.
    """
    taken = _named("inputs", inputs, (*ARGUMENTS, *OPTIONAL))
    came = _named("outputs", outputs, tuple(OUTPUT_LIKE))
    after = {f"new_{k}" if k in ARGUMENTS else k: array for k, array in came.items()}
    if not isinstance(training, (bool, np.bool_)):
        raise UsageError(f"training {training!r}: give True or False")
    settings = {
        "training": bool(training),
        "momentum": None if momentum is None else number("momentum", momentum),
        "eps": not_negative("eps", number("eps", eps)),
        "tracked": False,
    }
    words = stated(dialect)
    call = recorded_call("", {**taken, **after, **settings})
    return verdict_of(judge_recorded("arrays", [call], words), seed=0, asked="bnparity.judge")


def _named(of: str, arrays: Mapping[str, Any], known: tuple[str, ...]) -> dict[str, Any]:
    """Return the arrays that are there, each under a name that is known."""
    if not isinstance(arrays, Mapping):
        raise UsageError(f"{of} are {kind_of(arrays)}: give a mapping, {{{known[0]!r}: array}}")
    for name in arrays:
        if name not in known:
            hint = did_you_mean(str(name), known)
            raise UsageError(f"{of} have {name!r}: choose from {', '.join(known)}{hint}")
    return {
        name: array_of(value) if hasattr(value, "detach") else value
        for name, value in arrays.items()
        if value is not None
    }
