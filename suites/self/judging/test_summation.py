"""What a sum may lose is never less than it does lose, and little where that is little."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from bnparity.judging.summation import is_exact, loss_in_any_order
from numpy.typing import NDArray

Array = NDArray[Any]
UNIT = 2.0**-24
CHANNELS = 16


def serial(rows: Array) -> Array:
    """Return the sums of rows in float32, one value after the other."""
    total: Array = np.add.accumulate(rows.astype(np.float32), axis=1)[:, -1:]
    return total


def normal(n: int, far: float = 0.0) -> Array:
    """Return rows that float32 holds, with that mean in standard deviations."""
    rows = far + np.random.default_rng(n).standard_normal((CHANNELS, n))
    return rows.astype(np.float32).astype(np.float64)


DATA: dict[str, Callable[[int], Array]] = {
    "random": normal,
    "far from zero": lambda n: normal(n, 1e3),
    "very far from zero": lambda n: normal(n, 1e5),
    "all alike": lambda n: np.full((CHANNELS, n), float(np.float32(0.1))),
    "of two values": lambda n: np.where(normal(n) > 0, float(np.float32(0.1)), 1.7),
    "one large": lambda n: np.concatenate([np.full((CHANNELS, 1), 1e4), normal(n - 1)], axis=1),
    "sorted": lambda n: np.sort(normal(n, 1e3), axis=1),
}


@pytest.mark.parametrize("n", [3, 50, 2000, 20_000])
@pytest.mark.parametrize("data", DATA)
def test_serial_sum_loses_no_more(data: str, n: int) -> None:
    """Of any data, in the order in which they come."""
    rows = DATA[data](n).astype(np.float32).astype(np.float64)
    error = np.abs(serial(rows) - rows.sum(axis=1, keepdims=True))
    assert (error <= loss_in_any_order(rows, UNIT)).all()


def test_loss_of_random_terms_grows_with_the_root_of_their_number() -> None:
    """Sixteen times the values lose about four times as much, relative to their magnitudes."""
    losses = [
        (loss_in_any_order(rows, UNIT) / (UNIT * np.abs(rows).sum(axis=1, keepdims=True))).mean()
        for rows in (normal(2**10), normal(2**14))
    ]
    assert 3.0 < losses[1] / losses[0] < 6.0


def test_what_terms_alike_lose_adds_up() -> None:
    """A tenth, ten thousand times: each addition is rounded the same way."""
    rows = DATA["all alike"](10_000)
    assert (loss_in_any_order(rows, UNIT) > 1000 * UNIT * rows.sum(axis=1, keepdims=True)).all()


@pytest.mark.parametrize(("n", "exact"), [(2**10, True), (2**25, False)])
def test_integers_are_exact_up_to_the_largest_sum(n: int, exact: bool) -> None:
    """Ones are counted without an error up to 2 ** 24, and no further."""
    rows = np.ones((1, 2**10)) * (n >> 10)
    rows[0, 0] += 1.0
    assert is_exact(rows, UNIT).all() == exact
    assert (loss_in_any_order(rows, UNIT) == 0.0).all() == exact


def test_exact_rows_lose_nothing_beside_others() -> None:
    """Each row has a loss of its own."""
    rows = np.concatenate([normal(100)[:1], np.ones((1, 100))])
    loss = loss_in_any_order(rows, UNIT)
    assert loss[0, 0] > 0.0
    assert loss[1, 0] == 0.0
