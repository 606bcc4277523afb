"""What is out of the ordinary in one argument: zeros, either end of its format, NaN, infinity."""

from math import sqrt

import numpy as np

from bnparity.backends import Array, Format
from bnparity.cases.case import Argument, Case


def with_special(values: Array, name: Argument, case: Case, form: Format) -> Array:
    """Return the float64 `values` of the argument `name` as the recipe of `case` has them.

    `form` is the format that they are rounded to; their channels are on the last axis but those
    that are spatial: the first of vectors, the second of data.
    """
    special = case.recipe.special
    if special == "none" or name != case.recipe.special_in or not values.size:
        return values
    if special in ("tiny", "huge"):
        # A few subnormal numbers among the smallest; a product of two of the largest is finite.
        largest = 4 * form.tiny if special == "tiny" else sqrt(form.largest)
        return values / max(float(np.abs(values).max()), form.tiny) * largest
    changed = values.copy()
    if special in ("nan", "infinite"):
        changed.flat[0] = np.nan if special == "nan" else _infinity(name, changed.flat[0])
    else:
        first = changed[:1] if changed.ndim == 1 else changed[:, :1]
        first[...] = -case.eps / 2 if special == "negative" else 0.0
    return changed


def _infinity(name: Argument, sign: float) -> float:
    """Return an infinity of either sign; no variance is a negative one."""
    return np.inf if name == "running_var" else float(np.copysign(np.inf, sign))
