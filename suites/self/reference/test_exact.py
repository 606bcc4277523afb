"""Exact BatchNorm against fractions found by hand, and against the oracle."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from bnparity_reference import OUTPUTS
from bnparity_reference import batch_norm as oracle
from bnparity_reference.exact import batch_norm, ulps
from fractional import CHANGES, TORCH, column, exact


# Of 1, 5: mean 3, biased variance 4, so that eps = 5 inside the root makes the denominator 3.
@pytest.mark.parametrize(
    ("x", "eps", "change", "want"),
    [
        ((1, 5), 5.0, {}, Fraction(2, 3)),
        ((1, 5), 1.0, {"eps_placement": "outside"}, Fraction(2, 3)),
        ((1, 5), 1.0, {"normalizing_variance": "unbiased"}, Fraction(2, 3)),
        ((1, 5), 0.5, {"eps_floor": 5.0}, Fraction(2, 3)),
        ((1, 5), 5.0, {"eps_floor": 0.5}, Fraction(2, 3)),
        ((1, 5), 0.0, {}, Fraction(1)),
        ((1, 1, 7, 7), 7.0, {}, Fraction(3, 4)),
        ((0, 4, 8), 0.0, {"normalizing_variance": "unbiased"}, Fraction(1)),
    ],
)
def test_output_is_the_fraction_found_by_hand(x: Any, eps: float, change: Any, want: Any) -> None:
    """Where the variance makes the denominator rational, the output is exact."""
    output = exact(column(*x), eps=eps, change=change)["output"]
    assert (output[0], output[-1]) == (-want, want)


@pytest.mark.parametrize(
    ("change", "want"),
    [
        ({}, Fraction(2, 3) * 7 + 11),
        ({"weight": "ignored"}, Fraction(2, 3) + 11),
        ({"bias": "ignored"}, Fraction(2, 3) * 7),
    ],
)
def test_affine_parameters_are_applied_or_ignored(change: dict[str, Any], want: Fraction) -> None:
    """Weight multiplies, bias adds, and the dialect may leave out either."""
    parameters = {"weight": np.array([7.0]), "bias": np.array([11.0])}
    assert exact(column(1, 5), change=change, **parameters)["output"][1] == want


@pytest.mark.parametrize(
    ("training", "change", "source"),
    [
        (True, {}, "batch"),
        (True, {"train_statistics": "running"}, "running"),
        (False, {}, "running"),
        (False, {"eval_statistics": "batch"}, "batch"),
    ],
)
def test_statistics_are_of_the_batch_or_running(training: bool, change: Any, source: str) -> None:
    """Each mode takes its mean and variance from where the dialect says; here 10 and 31."""
    got = exact(column(1, 5), training=training, change=change, running=(10, 31))
    assert got["output"][1] == {"batch": Fraction(2, 3), "running": Fraction(-5, 6)}[source]


def test_untracked_layer_uses_the_batch_in_inference() -> None:
    """It has nothing else."""
    assert exact(column(1, 5), training=False)["output"][1] == Fraction(2, 3)


@pytest.mark.parametrize(
    ("call", "change", "want"),
    [
        ({"momentum": 0.25}, {}, (8.25, 17.0)),
        ({"momentum": 0.25}, {"momentum": "old"}, (4.75, 11.0)),
        ({"momentum": 0.25}, {"running_variance": "biased"}, (8.25, 16.0)),
        ({"momentum": 0.25}, {"normalizing_variance": "unbiased"}, (8.25, 17.0)),
        ({"momentum": 0.25}, {"train_statistics": "running"}, (8.25, 17.0)),
        ({"momentum": 0.25}, {"running_update": "never"}, (10.0, 20.0)),
        ({"momentum": 0.25, "training": False}, {}, (10.0, 20.0)),
        ({"momentum": 0.25, "training": False}, {"running_update": "always"}, (8.25, 17.0)),
        ({"momentum": None}, {}, (3.0, 8.0)),
        ({"momentum": None}, {"momentum": "old"}, (3.0, 8.0)),
        ({"momentum": None, "batches_tracked": 2}, {}, (Fraction(23, 3), 16)),
    ],
)
def test_running_statistics_follow_each_convention(
    call: dict[str, Any], change: dict[str, Any], want: Any
) -> None:
    """From 10 and 20, and the batch's 3 and 8 (biased 4), by hand."""
    got = exact(column(1, 5), change=change, running=(10, 20), **call)
    assert (got["running_mean"], got["running_var"]) == ([want[0]], [want[1]])


def test_division_by_zero_is_none() -> None:
    """A denominator of 0 leaves only what does not divide by it."""
    got = exact(column(3, 3), eps=0.0, grad_output=column(1, 2), running=(0, 0))
    assert (got["output"], got["grad_input"], got["grad_weight"]) == (
        [None] * 2,
        [None] * 2,
        [None],
    )
    assert (got["running_mean"], got["running_var"], got["grad_bias"]) == ([3], [0], [3])


def test_single_value_has_no_unbiased_variance() -> None:
    """Its running variance is 0 / 0, and the rest is defined unless that normalises."""
    call: dict[str, Any] = {"running": (1, 1), "grad_output": column(2)}
    got = exact(column(3), **call)
    assert (got["output"], got["running_mean"], got["running_var"]) == ([0], [3], [None])
    assert (got["grad_input"], got["grad_weight"]) == ([0], [0])
    got = exact(column(3), change={"normalizing_variance": "unbiased"}, **call)
    assert (got["output"], got["grad_input"], got["grad_weight"]) == ([None], [None], [None])
    got = exact(column(3), change={"running_variance": "biased"}, **call)
    assert got["running_var"] == [0]


@pytest.mark.parametrize(("convention", "want"), [("unchanged", [1, 1]), ("computed", [None] * 2)])
def test_empty_batch_leaves_statistics_or_divides_by_zero(convention: str, want: list[Any]) -> None:
    """The dialect says which; the gradients of the parameters are sums of nothing."""
    empty = np.zeros((0, 2))
    got = exact(empty, change={"empty_batch": convention}, grad_output=empty, running=(1, 1))
    assert (got["running_mean"], got["running_var"]) == (want, want)
    assert (got["grad_weight"], got["grad_bias"]) == ([0, 0], [0, 0])


def test_outputs_have_the_shapes_of_their_arguments() -> None:
    """Channels stay on axis 1, each with its own numbers, and what was not asked is left out."""
    x = np.random.default_rng(0).standard_normal((2, 3, 4))
    call: dict[str, Any] = {"dialect": TORCH, "training": True, "momentum": 0.1, "eps": 1e-5}
    got = batch_norm(x, grad_output=x, running_mean=np.zeros(3), running_var=np.ones(3), **call)
    assert {name: values.shape for name, values in got.items()} == {
        name: (2, 3, 4) if name in {"output", "grad_input"} else (3,) for name in OUTPUTS
    }
    alone = batch_norm(x[:, 1:2], **call)
    assert list(alone) == ["output"]
    assert np.array_equal(alone["output"], got["output"][:, 1:2])
    assert set(batch_norm(np.zeros((2, 0)), **call)) == {"output"}


@pytest.mark.parametrize(
    ("x", "call", "words"),
    [
        (column(1, np.nan), {}, "finite"),
        (column(1, 5), {"grad_output": column(1, np.inf)}, "finite"),
        (column(1, 5), {"weight": np.array([np.nan])}, "finite"),
        (column(1, 5), {"eps": np.inf}, "finite"),
        (column(1, 5), {"momentum": np.nan}, "finite"),
        (column(1, 5), {"bias": np.zeros(2)}, "shape"),
        (column(1, 5), {"grad_output": np.zeros((1, 2))}, "shape"),
        (np.zeros(3), {}, "axis 1"),
        (column(1, 5), {"momentum": None, "change": {"momentum_none": "refused"}}, "momentum=None"),
    ],
)
def test_bad_arguments_are_refused(x: Any, call: dict[str, Any], words: str) -> None:
    """What has no exact answer is said, not computed."""
    with pytest.raises(ValueError, match=words):
        exact(x, **call)


@pytest.mark.parametrize("place", ["inside", "outside"])
def test_all_magnitudes_of_float64_fit(place: str) -> None:
    """From the smallest subnormal to the largest number in one channel, nothing is lost."""
    rng = np.random.default_rng(5)
    x = np.ldexp(1 + rng.random((300, 1)), rng.integers(-1074, 1023, (300, 1)))
    x[:2] = [[5e-324], [np.finfo(np.float64).max]]
    got = exact(x, grad_output=x[::-1], change={"eps_placement": place}, running=(0, 1))
    assert got["running_mean"] == [sum(Fraction(v) for v in x[:, 0]) / 300]
    assert sum(got["output"]) == sum(got["grad_input"]) == 0
    assert abs(sum(y**2 for y in got["output"]) / 300 - 1) < Fraction(1, 2**250)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("change", CHANGES, ids=str)
def test_oracle_computes_the_same_quantities(training: bool, change: dict[str, Any]) -> None:
    """Written twice from one definition, they agree but for rounding on ordinary data."""
    rng = np.random.default_rng(11)
    x, grad = rng.standard_normal((2, 4, 3, 5))
    weight, bias, mean = rng.standard_normal((3, 3))
    mean = np.abs(mean)  # it may be taken for a variance
    call: dict[str, Any] = {"training": training, "momentum": 0.3, "eps": 1e-3}
    call |= {"dialect": replace(TORCH, **change), "grad_output": grad}
    arguments = x, weight, bias, mean, rng.random(3)
    want, got = batch_norm(*arguments, **call), oracle(*arguments, **call)
    for name in OUTPUTS:
        pairs = zip(getattr(got, name).ravel(), want[name].ravel(), strict=True)
        assert max(ulps(float(g), w) for g, w in pairs) < 300, name
