"""Numbers as documents print them: their values, and how far the printing may have moved them."""

import re

import numpy as np
from numpy.typing import NDArray

_NUMBER = re.compile(r"-?\d+\.\d*")


def printed(text: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the decimal numbers in `text`, and half a unit in the last place of each.

    Examples
    --------
    >>> values, halves = printed("[[-1.25  3.]]")
    >>> values.tolist(), halves.tolist()
    ([-1.25, 3.0], [0.005, 0.5])
    """
    numbers = _NUMBER.findall(text)
    decimals = [len(number.partition(".")[2]) for number in numbers]
    return np.array(numbers, dtype=np.float64), 0.5 * 10.0 ** -np.array(decimals, dtype=np.float64)
