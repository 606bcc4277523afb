"""The bound of what running statistics add to the gradient by the data.

`harness/BOUNDS.md` derives the lines.
"""

import numpy as np
from bnparity_reference.records import Added, Forward

from bnparity.judging.limits import Arithmetic, Errors
from bnparity.judging.nonfinite import Array


def added_bound(added: Added, forward: Forward, errors: Errors, limits: Arithmetic) -> Array:
    """Return the bound of what is added, (C, n), but for the rounding of the sum."""
    unit, by_mean, by_var = limits.unit, np.abs(added.by_mean), np.abs(added.by_var)
    distance = np.abs(forward.x - added.about)
    centred = unit * (np.abs(forward.x) + np.abs(added.about))
    if errors.batch_mean is not None:
        # The variance has its own mean in it, and is differentiated by that too.
        centred = centred + 2.0 * errors.batch_mean
    of_share = unit * max(1.0, abs(added.share), abs(added.kept)) / (abs(added.share) or 1.0)
    rounding = (of_share + 2.0 * unit) * (by_mean + by_var * distance)
    bound = rounding + by_var * centred + 2.0 * limits.tiny * (1.0 + distance)
    return forward.left_in(bound)


def added_values(added: Added, forward: Forward) -> Array:
    """Return what is added, (C, n), in plain float64."""
    return forward.left_in(added.by_mean + added.by_var * (forward.x - added.about))


def added_on_the_way(added: Added, forward: Forward) -> Array:
    """Return the magnitude of what may be added up before it is divided by n, (C, n)."""
    size = np.abs(forward.x) + np.abs(added.about)
    whole = np.abs(added.by_mean) + np.abs(added.by_var) * size
    return forward.left_in(forward.values * whole)
