"""The textbook exercise: ``forward(x, gamma, beta, bn_param)`` and ``backward(dout, cache)``."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from bnparity.backends.adapters.adapted import Adapted
from bnparity.backends.call import OUTPUT_LIKE, Call, Outputs
from bnparity.backends.errors import UsageError
from bnparity.backends.raised import describe

#: How a forward pass is named, and the end of its backward pass's name instead.
_PASSES = (("forward", "backward"), ("fwd", "bwd"))
_MODES = ("train", "test")
_STATISTICS = ("running_mean", "running_var")
#: Sizes that do not fit where axes are mixed up.
_SIZES = (7, 3, 4, 5, 6)


def pair(target: Callable[..., Any], others: Mapping[str, Any]) -> Adapted:
    """Return the pair of a forward pass and the backward pass among `others`, if there is one.

    It is named like the forward pass, or without a name the one that the user named.
    """
    name = str(getattr(target, "__name__", ""))
    names = ["", *(name.replace(one, other) for one, other in _PASSES if one in name)]
    backward = next((others[n] for n in names if callable(others.get(n))), None)
    then = "no backward pass" if backward is None else f"then {backward.__name__}"
    wrong = {rank: _wrong(target, rank) for rank in (2, 3, 4, 5)}
    ranks = tuple(rank for rank, told in wrong.items() if not told)
    if not ranks:
        raise UsageError(
            f"{name} was called as (x, gamma, beta, bn_param) with data of 2 to 5 axes, and never "
            f"returned (output, cache); of 2 it {wrong[2]}: see bnparity explain adapter"
        )
    forward = tuple(n for n in OUTPUT_LIKE if backward is not None or not n.startswith("grad_"))
    return Adapted(
        answer=partial(_answer, target, backward),
        taken_for=f"a forward pass with a dictionary of settings, {then}; modes train and test",
        dialect="torch",
        dtypes=("float32", "float64"),
        ranks=ranks,
        outputs=forward,
        tracked=(True,),
    )


def _answer(
    forward: Callable[..., Any], backward: Callable[..., Any] | None, call: Call
) -> Outputs:
    """Return what the pair makes of a call; a missing parameter is neutral."""
    assert call.running_mean is not None
    assert call.running_var is not None
    asked = call.grad_output is not None and backward is not None
    if asked and not call.training:
        raise NotImplementedError("the pair has no backward pass of inference")
    settings: dict[str, Any] = {
        "mode": "train" if call.training else "test",
        "eps": call.eps,
        "momentum": call.momentum,
        "running_mean": call.running_mean.copy(),
        "running_var": call.running_var.copy(),
    }
    gamma = np.ones_like(call.running_mean) if call.weight is None else call.weight
    beta = np.zeros_like(call.running_mean) if call.bias is None else call.bias
    output, cache = forward(call.x, gamma, beta, settings)
    outputs: Outputs = {"output": output, **{name: settings[name] for name in _STATISTICS}}
    if backward is not None and call.grad_output is not None:
        grads = backward(call.grad_output, cache)
        outputs |= dict(zip(("grad_input", "grad_weight", "grad_bias"), grads, strict=True))
    return outputs


def _wrong(forward: Callable[..., Any], rank: int) -> str:
    """Return why data of a rank do not come back in their shape in both modes; nothing if so."""
    x, ones = np.zeros(_SIZES[:rank], np.float32), np.ones(_SIZES[1], np.float32)
    settings = {"eps": 1e-5, "momentum": 0.9, "running_mean": ones, "running_var": ones}
    try:
        for mode in _MODES:
            output, _ = forward(x, ones, ones, {**settings, "mode": mode})
            if output.shape != x.shape:
                return f"returned {output.shape} for data of {x.shape}"
    except Exception as error:  # noqa: BLE001  # whatever it may raise
        return f"raised {describe(error)}"
    return ""
