"""What a mask changes in the bounds of outputs that are there for values which it leaves out."""

import numpy as np
from bnparity_reference import Exact
from bnparity_reference.rows import from_rows

from bnparity.judging.nonfinite import Array, nonfinite_channels


def with_masked(bounds: dict[str, Array | None], exact: Exact) -> dict[str, Array | None]:
    """Return the bounds: 0 of an output that a mask makes 0, none of a gradient that may be NaN.

    Differentiation may multiply what the statistics have of a gradient by 0 where a value is left
    out: infinity and NaN among a channel's arguments do not go away so.
    """
    output, by_data, mask = bounds.get("output"), bounds.get("grad_input"), exact.forward.mask
    if output is not None and exact.hidden is not None:
        bounds = {**bounds, "output": np.where(exact.hidden, 0.0, output)}
    if by_data is not None and mask is not None and exact.regrouped is None:
        odd = (~mask & nonfinite_channels(exact)[:, np.newaxis]).astype(np.float64)
        unsure = from_rows(odd, exact.output, exact.channel_axis) > 0.0
        bounds = {**bounds, "grad_input": np.where(unsure, np.inf, by_data)}
    return bounds
