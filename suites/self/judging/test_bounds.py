"""The bounds from both sides: right algorithms stay within, noise does not, and none is slack."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from bnparity.backends.formats import format_of
from bnparity.judging.bounds import error_bounds
from bnparity.judging.verdicts import TIGHT, check
from bnparity_reference import Dialect, Exact, batch_norm
from numpy.typing import NDArray

Array = NDArray[Any]
SINGLE = format_of("float32")
TORCH = Dialect()


def exactly(x: Array) -> Exact:
    """Return the oracle's running statistics of one channel, the batch's own."""
    return batch_norm(
        x.astype(np.float64)[:, None],
        running_mean=np.zeros(1),
        running_var=np.ones(1),
        dialect=TORCH,
        training=True,
        momentum=1.0,
        eps=1e-5,
    )


def two_pass(x: Array) -> float:
    d = x - x.mean()
    return float((d * d).sum() / np.float32(len(x) - 1))


def welford(x: Array) -> float:
    mean = squares = np.float32(0)
    for i, value in enumerate(x, start=1):
        d = value - mean
        mean += d / np.float32(i)
        squares += d * (value - mean)
    return float(squares / np.float32(len(x) - 1))


def shifted(x: Array) -> float:
    d, n = x - x[0], np.float32(len(x))
    return float(((d * d).sum() - d.sum() * d.sum() / n) / (n - 1))


def serial(x: Array) -> float:
    total = np.float32(0)
    for value in x:
        total += value
    mean, squares = total / np.float32(len(x)), np.float32(0)
    for value in x:
        squares += (value - mean) * (value - mean)
    return float(squares / np.float32(len(x) - 1))


def one_pass(x: Array) -> float:
    n = np.float32(len(x))
    return float(((x * x).mean() - x.mean() * x.mean()) * n / (n - 1))


def drawn(seed: int) -> Array:
    """Return single-precision data of some size, with a mean up to 1e6 standard deviations away."""
    rng = np.random.default_rng(seed)
    n, far = int(rng.integers(2, 400)), 10.0 ** rng.uniform(-1, 6)
    data: Array = (far + rng.standard_normal(n)).astype(np.float32)
    return data


def verdict(algorithm: Callable[[Array], float], x: Array, growth: Literal[1] | None) -> float:
    """Return the ratio of an algorithm's running variance to the bound."""
    exact = exactly(x)
    limit = error_bounds(exact, dialect=TORCH, arithmetic=SINGLE, growth=growth)["running_var"]
    assert limit is not None
    assert exact.running_var is not None
    got = np.array([algorithm(x)], dtype=np.float32)
    return check("running_var", got, exact.running_var, limit, SINGLE).ratio


@pytest.mark.parametrize("algorithm", [two_pass, welford, shifted, serial])
def test_right_algorithm_never_crosses_the_gate(algorithm: Callable[[Array], float]) -> None:
    """Whatever the order of summation, a right variance stays within the any-order bound itself.

    The gate takes it once: the several roundings of a result are in the tight bound beside it.
    """
    assert max(verdict(algorithm, drawn(seed), None) for seed in range(300)) <= 1.0


def test_one_pass_variance_crosses_the_gate() -> None:
    """Noise does not pass for rounding."""
    far = (1e5 + np.random.default_rng(0).standard_normal(50)).astype(np.float32)
    assert verdict(one_pass, far, None) > TIGHT


def test_bound_of_the_variance_is_not_slack() -> None:
    """Some data drive a two-pass variance to a tenth of the tight line."""
    assert max(verdict(two_pass, drawn(seed), 1) for seed in range(300)) > TIGHT / 10


def variance_bound(x: Array) -> float:
    """Return the tight bound of a running variance that is the batch's own."""
    limit = error_bounds(exactly(x), dialect=TORCH, arithmetic=SINGLE, growth=1)["running_var"]
    assert limit is not None
    return float(limit[0])


def test_correction_for_bias_scales_the_bound() -> None:
    """Two values, repeated, keep every average, but not the factor of 2 of n / (n - 1)."""
    pair = np.array([1000.0, 1001.0], dtype=np.float32)
    factor = variance_bound(pair) / variance_bound(np.tile(pair, 500))
    assert abs(factor - 2.0) < 0.01  # the rest is 1000 / 999, and the rounding of the update


def test_bounds_scale_with_the_unit_roundoff() -> None:
    """A format of 29 more bits has a bound 2 ** 29 times smaller, to first order."""
    exact = exactly(np.random.default_rng(3).standard_normal(50).astype(np.float32))
    limits = [
        error_bounds(exact, dialect=TORCH, arithmetic=format_of(name), growth=1)["output"]
        for name in ("float32", "float64")
    ]
    assert limits[0] is not None
    assert limits[1] is not None
    proportion = limits[0] / limits[1] / 2.0**29
    assert np.all(np.abs(proportion - 1) < 2.0**-16), proportion  # second-order terms of float32


def test_statistics_that_must_not_move_have_no_bound() -> None:
    """In inference the running statistics are theirs to the bit."""
    exact = batch_norm(
        np.zeros((3, 2)),
        running_mean=np.ones(2),
        running_var=np.ones(2),
        dialect=TORCH,
        training=False,
        momentum=0.1,
        eps=1e-5,
    )
    limits = error_bounds(exact, dialect=TORCH, arithmetic=SINGLE)
    assert np.array_equal(limits["running_mean"], [0.0, 0.0])  # type: ignore[arg-type]


def test_what_overflows_is_promised_nothing() -> None:
    """In half arithmetic a sum beyond 65504 has no bound."""
    exact = batch_norm(np.full((3, 1), 3e4), dialect=TORCH, training=True, momentum=0.1, eps=1e-5)
    limits = error_bounds(exact, dialect=TORCH, arithmetic=format_of("float16"))
    assert not np.isfinite(limits["output"]).any()  # type: ignore[arg-type]


@pytest.mark.parametrize(("arithmetic", "promised"), [("float16", False), ("float32", True)])
def test_average_that_cannot_be_held_is_promised_nothing(
    arithmetic: str, *, promised: bool
) -> None:
    """An old variance of 1e6 is infinite in half, and without a share it makes NaN."""
    exact = batch_norm(
        np.array([[1.0], [2.0]]),
        running_mean=np.zeros(1),
        running_var=np.array([1e6]),
        dialect=TORCH,
        training=True,
        momentum=1.0,
        eps=1e-5,
    )
    limit = error_bounds(exact, dialect=TORCH, arithmetic=format_of(arithmetic))["running_var"]
    assert limit is not None
    assert np.isfinite(limit).all() == promised


def in_inference(
    arithmetic: str, *, mean: float, var: float, weight: float, x: float = 0.5
) -> Array:
    """Return the bound of the output, given the statistics and the weight of one channel."""
    exact = batch_norm(
        np.full((3, 1), x),
        np.array([weight]),
        running_mean=np.array([mean]),
        running_var=np.array([var]),
        dialect=TORCH,
        training=False,
        momentum=0.1,
        eps=1e-12,
    )
    limit = error_bounds(exact, dialect=TORCH, arithmetic=format_of(arithmetic))["output"]
    assert limit is not None
    return limit


@pytest.mark.parametrize(
    ("largest", "beyond"),
    [
        ({"mean": 6e4, "var": 1e4, "weight": 1.0}, {"mean": 7e4}),
        ({"mean": 0.0, "var": 6e4, "weight": 1.0}, {"var": 7e4}),
        ({"mean": 0.0, "var": 1e-4, "weight": 600.0}, {"weight": 700.0}),
        ({"mean": 3e4, "var": 1e4, "weight": 1.0, "x": -3e4}, {"x": -4e4}),
        ({"mean": 3e3, "var": 1e4, "weight": 10.0, "x": -3e3}, {"weight": 11.0}),
    ],
    ids=["mean", "variance", "weight over scale", "difference from the mean", "divided last"],
)
def test_overflow_on_the_way_to_a_small_result_is_promised_nothing(
    largest: dict[str, float], beyond: dict[str, float]
) -> None:
    """One intermediate result beyond 65504 is enough in half, and nothing in single precision."""
    assert np.isfinite(in_inference("float16", **largest)).all()
    assert np.isposinf(in_inference("float16", **{**largest, **beyond})).all()
    assert np.isfinite(in_inference("float32", **{**largest, **beyond})).all()


def test_whoever_folds_may_overflow_where_the_result_does_not() -> None:
    """6 - 4 times a weight is within the range, and not by way of 6 times the weight."""
    exact = batch_norm(
        np.array([[6.0], [1.0]]),
        np.array([1.1e4]),
        running_mean=np.array([4.0]),
        running_var=np.array([1.0]),
        dialect=TORCH,
        training=False,
        momentum=0.1,
        eps=1e-12,
    )
    limits = error_bounds(exact, dialect=TORCH, arithmetic=format_of("float16"))
    output = limits["output"]
    assert output is not None
    assert np.isposinf(output[:, 0]).tolist() == [True, False]
    assert np.abs(exact.output).max() < format_of("float16").largest


@pytest.mark.parametrize(("dtype", "huge"), [("float32", 1e37), ("float64", 1e307)])
def test_whoever_folds_may_lose_a_factor_that_is_flushed_to_zero(dtype: str, huge: float) -> None:
    """A tiny weight over a large deviation is below the range, and its products are not."""
    tiny = float(format_of(dtype).tiny)
    exact = of_huge_data(4.0 * tiny, huge)
    limits = error_bounds(exact, dialect=TORCH, arithmetic=format_of(dtype))
    assert np.abs(exact.output).max() > tiny
    assert limits["output"] is not None
    assert (np.abs(exact.output) <= limits["output"]).all()


def test_huge_data_alone_excuse_nothing() -> None:
    """Where weight over deviation is a normal number, a bound is no wider than elsewhere."""
    exact = of_huge_data(1.0, 1e37)
    limit = error_bounds(exact, dialect=TORCH, arithmetic=format_of("float32"))["output"]
    assert limit is not None
    assert (limit <= 1e-6 * np.abs(exact.output)).all()


def of_huge_data(weight: float, huge: float) -> Exact:
    """Return what is right in inference by a variance as large as the data."""
    return batch_norm(
        np.array([[-2.0 * huge], [3.0 * huge]]),
        np.array([weight]),
        running_mean=np.array([huge]),
        running_var=np.array([huge]),
        dialect=TORCH,
        training=False,
        momentum=0.1,
        eps=1e-5,
    )


def test_whoever_divides_last_may_lose_what_is_flushed_to_zero() -> None:
    """A tiny weight times a value is below the range, and within it divided by a tiny deviation."""
    x, tiny = np.array([[1e-6], [-1e-6]]), float(format_of("float32").tiny)
    exact = batch_norm(
        x,
        np.array([100.0 * tiny]),
        dialect=TORCH,
        training=True,
        momentum=0.1,
        eps=1e-14,
        grad_output=np.array([[1e-3], [0.0]]),
    )
    limits = error_bounds(exact, dialect=TORCH, arithmetic=format_of("float32"))
    for name, result in (("output", exact.output), ("grad_input", exact.grad_input)):
        limit = limits[name]
        assert limit is not None
        assert result is not None
        assert np.abs(result).max() > tiny
        assert (np.abs(result) <= limit).all()
