"""What a dialect makes of a batch of one value a channel, instead of computing with it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call

Array = NDArray[np.float64]


def of_single_values(call: Call, parts: Mapping[str, Array]) -> dict[str, Array]:
    """Return what takes the place of outputs where a channel's statistics are of one value."""
    rule = call.dialect.single_value
    if call.mask is not None:
        return {}
    if call.x.shape[1] != 1 or call.source != "batch" or rule in ("refused", "computed", "clamped"):
        return {}
    given = {"output": call.x} if call.grad is None else {"output": call.x, "grad_input": call.grad}
    if rule == "passed_through":
        kept = {"running_mean": call.old_mean, "running_var": call.old_var}
        given |= {name: a for name, a in kept.items() if a is not None}
        unused = parts.keys() & {"grad_weight", "grad_bias"}
        return given | {name: np.zeros_like(parts[name]) for name in unused}
    found = {name: np.full_like(a, 0.0 if rule == "zero" else np.nan) for name, a in given.items()}
    if "grad_input" in found and "added" in parts:
        found["grad_input"] = found["grad_input"] + parts["added"]
    return found
