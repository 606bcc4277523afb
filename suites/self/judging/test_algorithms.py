"""Updates of a mean lose no more than their bound, whatever the data and their order."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bnparity.judging.algorithms import losses
from bnparity_reference.records import Statistics
from numpy.typing import NDArray

Array = NDArray[Any]
UNIT = 2.0**-24
CHANNELS = 32


def welford(rows: Array) -> tuple[Array, Array]:
    """Return mean and variance (C, 1) in float32, updated value by value."""
    columns = np.ascontiguousarray(rows.astype(np.float32).T)
    mean = squares = np.zeros(len(rows), np.float32)
    for count, value in enumerate(columns, start=1):
        before = value - mean
        mean = mean + before / np.float32(count)
        squares = squares + before * (value - mean)
    return mean[:, None], squares[:, None] / np.float32(len(columns))


def integers(rng: np.random.Generator, n: int, far: float, spread: float) -> Array:
    """Return integers of few different values, with that mean."""
    rows: Array = far + np.rint(spread * rng.standard_normal((CHANNELS, n)))
    return rows


DATA: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "random": lambda rng, n: rng.standard_normal((CHANNELS, n)),
    "far from zero": lambda rng, n: 1e3 + rng.standard_normal((CHANNELS, n)),
    "integers": lambda rng, n: integers(rng, n, 0.0, 2.0),
    "integers far from zero": lambda rng, n: integers(rng, n, 10.0, 2.0),
    "balanced": lambda rng, n: rng.permuted(np.tile([1.0, -1.0], (CHANNELS, n // 2)), axis=1),
    "balanced far from zero": lambda rng, n: (
        64.0 + rng.permuted(np.tile([1.0, -1.0], (CHANNELS, n // 2)), axis=1)
    ),
    "one large": lambda rng, n: rng.standard_normal((CHANNELS, n)) * ([1e3] + [1.0] * (n - 1)),
}


@pytest.mark.parametrize("n", [10, 2000, 8000])
@pytest.mark.parametrize("data", DATA)
def test_updated_moments_are_off_by_no_more(data: str, n: int) -> None:
    """Beside what each rounding counts once in every bound."""
    rows = DATA[data](np.random.default_rng(n), n).astype(np.float32).astype(np.float64)
    exact_mean = rows.mean(axis=1, keepdims=True)
    exact_var = np.square(rows - exact_mean).mean(axis=1, keepdims=True)
    found = losses(rows, Statistics(mean=exact_mean, var=exact_var), UNIT, updating=True)
    mean, var = welford(rows)
    once = UNIT * (np.abs(rows).mean(axis=1, keepdims=True) + np.abs(exact_mean))
    shifted = 2.0 * np.sqrt(exact_var) * (found.mean + once) + (found.mean + once) ** 2
    assert (np.abs(mean - exact_mean) <= found.mean + once).all()
    assert (np.abs(var - exact_var) <= found.var + shifted + 4.0 * UNIT * exact_var).all()


def test_balanced_data_about_zero_lose_little_of_their_mean() -> None:
    """However many values there are: updates of a mean near zero have small roundings."""
    rows = DATA["balanced"](np.random.default_rng(0), 2**14)
    moments = Statistics(mean=np.zeros((CHANNELS, 1)), var=np.ones((CHANNELS, 1)))
    assert (losses(rows, moments, UNIT, updating=True).mean <= 10.0 * UNIT).all()


def test_who_does_not_update_loses_nothing_of_balanced_data() -> None:
    """Their sums are exact, shifted or not."""
    rows = DATA["balanced"](np.random.default_rng(0), 2**10)
    moments = Statistics(mean=np.zeros((CHANNELS, 1)), var=np.ones((CHANNELS, 1)))
    found = losses(rows, moments, UNIT, updating=False)
    assert not found.mean.any()
    assert not found.var.any()
