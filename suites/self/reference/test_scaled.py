"""Which numbers are too large or too small for products without care."""

import numpy as np
import pytest
from bnparity_reference.scaled import exponents, has_extremes, unit

MOST, LEAST = 2.0**200, 2.0**-201


@pytest.mark.parametrize(
    "numbers",
    [
        [1.0, -3.0],
        [0.0, 0.0],
        [0.0, 1.0],
        [MOST, 1.0],
        [np.nextafter(MOST, 0.0), -1.0],
        [LEAST, 0.0],
        [np.nextafter(LEAST, 0.0), 0.0],
        [np.inf, 1.0],
        [np.nan, 1.0],
        [],
    ],
)
def test_extremes_are_rows_that_get_an_exponent(numbers: list[float]) -> None:
    """Also beside a row that is plain, and one that is zero."""
    row = np.array([numbers])
    for rows in (row, np.vstack([row, np.ones_like(row)]), np.vstack([row, np.zeros_like(row)])):
        assert has_extremes(rows) == bool(np.any(unit(exponents(rows))))
