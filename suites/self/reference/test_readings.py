"""Channels of another axis, NaN that does not show, an inverse deviation that is stored."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from bnparity_reference import Dialect, batch_norm, exact, sync_batch_norm
from numpy.typing import NDArray

CALL: dict[str, Any] = {"training": True, "momentum": 0.5, "eps": 5.0}


def dialect(**changes: Any) -> Dialect:
    """Return torch's dialect with changes."""
    return replace(Dialect(), **changes)


def data(*shape: int) -> NDArray[np.float64]:
    """Return data that differ everywhere."""
    return np.random.default_rng(1).standard_normal(shape)


def test_channels_are_taken_from_the_last_axis_where_parameters_fit() -> None:
    """It is the call with the axes moved; where the last axis is not as long, that as it is."""
    weight = np.array([1.0, 2.0])
    for x, fits in ((data(3, 2, 2), True), (data(3, 2, 4), False)):
        got = batch_norm(x, weight, dialect=dialect(channel_axis="last"), **CALL).output
        axis = -1 if fits else 1
        moved = batch_norm(np.moveaxis(x, axis, 1), weight, dialect=dialect(), **CALL).output
        assert np.array_equal(np.moveaxis(got, axis, 1), moved)


def test_nan_in_the_data_is_zero_where_it_is_replaced() -> None:
    """Fractions say the same of data that have one."""
    x = data(4, 2)
    x[1, 0] = np.nan
    got = batch_norm(x, dialect=dialect(nan="replaced"), **CALL).output
    assert np.array_equal(got, batch_norm(np.nan_to_num(x), dialect=dialect(), **CALL).output)
    truth = exact.batch_norm(x, dialect=dialect(nan="replaced"), **CALL)["output"]
    assert np.array_equal(got, truth.astype(np.float64))


def test_nan_in_the_data_has_no_share_where_it_is_ignored() -> None:
    """Mean and variance are nanmean's and nanvar's, which count the others; it is NaN itself."""
    x = data(4, 2)
    x[1, 0] = np.nan
    state: dict[str, Any] = {"running_mean": np.zeros(2), "running_var": np.zeros(2)}
    got = batch_norm(x, dialect=dialect(nan="ignored"), **{**CALL, "eps": 0.0}, **state)
    mean, deviation = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
    assert got.output == pytest.approx((x - mean) / deviation, rel=1e-12, nan_ok=True)
    assert got.running_mean == pytest.approx(mean / 2, rel=1e-12)
    assert got.running_var == pytest.approx(np.nanvar(x, axis=0, ddof=1) / 2, rel=1e-12)


def test_ranks_that_ignore_nan_share_one_mean() -> None:
    """It is that of all values but NaN, wherever the batch is parted."""
    x = data(5, 2)
    x[3, 1] = np.nan
    asked: dict[str, Any] = {**CALL, "dialect": dialect(nan="ignored")}
    parts = sync_batch_norm([x[:2], x[2:]], **asked)
    together = np.concatenate([part.output for part in parts])
    assert together == pytest.approx(batch_norm(x, **asked).output, rel=1e-12, nan_ok=True)


@pytest.mark.parametrize("nan", ["kept", "hidden"])
def test_nan_in_the_output_is_zero_where_it_is_hidden(nan: str) -> None:
    """That of the root of less than 0, in floating point and in fractions."""
    state = {"running_mean": np.zeros(1), "running_var": np.array([-9.0])}
    asked = {**CALL, **state, "training": False, "dialect": dialect(nan=nan)}
    got, truth = batch_norm(data(2, 1), **asked), exact.batch_norm(data(2, 1), **asked)
    assert np.array_equal(np.isnan(got.output[:, 0]), [nan == "kept"] * 2)
    assert list(truth["output"][:, 0]) == ([None] * 2 if nan == "kept" else [0] * 2)


def test_inverse_deviation_enters_and_multiplies() -> None:
    """Of 1 and 5 the biased variance is 4, and with eps = 5 the inverse deviation 1/3."""
    x = np.array([[1.0], [5.0]])
    state: dict[str, Any] = {"running_mean": np.zeros(1), "running_var": np.ones(1)}
    stored = dialect(stored_variance="inverse_deviation", running_variance="biased")
    trained = batch_norm(x, dialect=stored, **CALL, **state)
    inferred = batch_norm(x, dialect=stored, **{**CALL, **state, "training": False})
    assert trained.running_var == pytest.approx([0.5 + 0.5 / 3], rel=1e-15)
    assert inferred.output[:, 0].tolist() == [1.0, 5.0]
