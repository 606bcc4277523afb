"""Loops down rows in vectors: every width that columns are taken by, and every stored number."""

from typing import Any

import ml_dtypes
import numpy as np
import pytest
from bnparity.kernels.numba_formats import stored
from bnparity.kernels.numba_vectors import add_moments, scale
from numba import njit

#: Vectors of 64 and of 8 columns, and three columns alone; beside them columns of nobody's.
COLUMNS, GAP = 64 + 8 + 3, 80
#: Rows that are gone down at once: no divisor of their number.
DEEP = 4


@njit
def _scaled(data: Any, rows: int, by: Any) -> None:
    scale(data, (0, GAP, rows, COLUMNS), DEEP, by)


@njit
def _added(data: Any, rows: int, sums: Any) -> None:
    add_moments(data, (0, GAP, rows, COLUMNS), DEEP, sums)


def filled(values: np.ndarray[Any, Any], *factors: float) -> np.ndarray[Any, Any]:
    """Return ``(values - mean) * gain + bias``, for rows of which the last columns are left out."""
    out = np.zeros_like(values)
    by = np.repeat(np.array(factors, np.float32)[:, None], COLUMNS, axis=1)
    flat, target = stored(values).ravel(), stored(out).ravel()
    _scaled((flat, target), len(values), by)
    return out


@pytest.mark.parametrize("form", [np.float16, ml_dtypes.bfloat16])
def test_halves_are_read_and_rounded_as_their_format_has_it(form: Any) -> None:
    """Each of them times a factor, as NumPy computes it from float32; NaN stays NaN."""
    values = np.resize(np.arange(1 << 16, dtype=np.uint16), (900, GAP)).view(form)
    with np.errstate(all="ignore"):
        want = (values.astype(np.float32) * np.float32(1.003)).astype(form)[:, :COLUMNS]
    got = filled(values, 0.0, 1.003, -0.0)[:, :COLUMNS]
    nan = np.isnan(want.astype(np.float32))
    assert np.isnan(got.astype(np.float32))[nan].all()
    assert np.array_equal(got[~nan].view(np.uint16), want[~nan].view(np.uint16))


def test_columns_of_others_are_not_written() -> None:
    """A tile of some channels leaves those beside it alone."""
    assert not filled(np.ones((5, GAP), np.float32), 0.0, 1.0, 1.0)[:, COLUMNS:].any()


@pytest.mark.parametrize("form", [np.float32, np.float64, np.float16, ml_dtypes.bfloat16])
def test_sums_of_integers_are_exact(form: Any) -> None:
    """Distances from a shift of each column, and their squares, are added to what was there."""
    values = (np.arange(7 * GAP) % 19).reshape(7, GAP).astype(form)
    sums = np.stack([np.arange(COLUMNS) % 5, np.full(COLUMNS, 3), np.full(COLUMNS, 4)]) * 1.0
    distances = values[:, :COLUMNS].astype(np.float64) - sums[0]
    want = [sums[0].copy(), distances.sum(axis=0) + 3, (distances**2).sum(axis=0) + 4]
    _added((stored(values).ravel(),), len(values), sums)
    assert np.array_equal(sums, want)
