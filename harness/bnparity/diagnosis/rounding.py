"""What rounding does: it errs now up, now down, and spares numbers of few bits."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bnparity.backends import Format, format_of
from bnparity.cases import Case, with_exact_data
from bnparity.diagnosis.probes import with_recipe

#: How far the mean is from 0 in cases of few bits: not at all, and one spacing.
_CONDITIONINGS = (-1, 0)


def exact_everywhere(like: Sequence[Case]) -> list[Case]:
    """Return cases like those of 2 ** k values, of which the narrowest format rounds no number.

    What is divided by n - 1 is none of these numbers.
    """
    even = [case for case in like if case.values_per_channel.bit_count() == 1]
    plain = {"values": "exact", "scale": 1, "spread": 0, "special": "none"}
    return [
        with_exact_data(
            with_recipe(case, {**plain, "conditioning": _CONDITIONINGS[turn % len(_CONDITIONINGS)]})
        )
        for turn, case in enumerate(even)
    ]


def reaches(case: Case, form: Format) -> bool:
    """Return whether the data of a case have room for numbers that a format has not."""
    return format_of(case.dtype).largest > form.largest


@np.errstate(all="ignore")  # what is infinitely off is not off as rounding is
def is_erratic(output: str, signed: NDArray[np.float64]) -> bool:
    """Return whether `signed` errors of an output go up and down, as those of rounding do."""
    # A sum of squares about a rounded mean is always too large, but by very different amounts.
    if output == "running_var":
        return bool(np.std(signed) > np.abs(signed).mean() / 2)
    up, down = np.sum(signed > 0.0), np.sum(signed < 0.0)
    return bool(10 * min(up, down) >= max(up, down) > 0)
