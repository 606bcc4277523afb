"""Exact gradients against fractions found by hand, and against secants."""

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from fractional import DERIVED, column, exact
from numpy.typing import NDArray


@pytest.mark.parametrize(
    ("eps", "change", "want"),
    [
        (5.0, {}, Fraction(35, 54)),
        (1.0, {"eps_placement": "outside"}, Fraction(7, 18)),
        (1.0, {"normalizing_variance": "unbiased"}, Fraction(7, 54)),
        (5.0, {"weight": "ignored"}, Fraction(5, 54)),
        (5.0, {"grad_statistics": "constant"}, Fraction(7, 3)),
        (0.0, {}, Fraction(0)),
    ],
)
def test_gradients_are_the_fractions_found_by_hand(
    eps: float, change: dict[str, Any], want: Fraction
) -> None:
    """With e half the distance of two values, 7 times the derivative of e / sqrt(e * e + eps).

    Unbiased it is that of e / sqrt(2 * e * e + eps), with eps outside that of e / (e + eps).
    """
    weight = np.array([7.0])
    got = exact(column(1, 5), weight=weight, grad_output=column(1, 0), eps=eps, change=change)
    assert got["grad_input"][0] == want
    assert got["grad_weight"] == [exact(column(1, 5), eps=eps, change=change)["output"][0]]
    assert got["grad_bias"] == [1]


def losses(x: NDArray[np.float64], grad: NDArray[np.float64], **call: Any) -> Fraction:
    """Return the sum of grad * output."""
    output = exact(x, **call)["output"]
    return sum((Fraction(g) * y for g, y in zip(grad.ravel(), output, strict=True)), Fraction(0))


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("change", DERIVED, ids=str)
def test_gradient_is_the_slope_of_a_secant(training: bool, change: dict[str, Any]) -> None:
    """Across 2**-40 either way the loss, which is not rounded, rises as the gradient says.

    The secant's own error is the third derivative, here below 2**10, times 2**-80 / 6.
    """
    x, grad, step = np.array([[0.0], [1.0], [3.0], [8.0]]), column(3, -1, 0.5, 2), 2.0**-40
    call = {"eps": 0.5, "training": training, "change": change, "weight": np.array([7.0])}
    call["running"] = (2, 3)
    gradient = exact(x, grad_output=grad, **call)["grad_input"]
    for i in range(len(x)):
        rise = np.zeros_like(x)
        rise[i] = step
        slope = losses(x + rise, grad, **call) - losses(x - rise, grad, **call)
        assert abs(slope / Fraction(2 * step) - gradient[i]) < Fraction(1, 2**70)


def test_gradient_vanishes_along_what_normalization_removes() -> None:
    """Moving all values alike changes nothing, nor, without eps, does stretching them."""
    rng = np.random.default_rng(3)
    x, grad = rng.standard_normal((50, 1)), rng.standard_normal((50, 1))
    gradient = exact(x, grad_output=grad, eps=0.0)["grad_input"]
    assert sum(gradient) == 0
    assert sum(g * Fraction(v) for g, v in zip(gradient, x[:, 0], strict=True)) == 0
    assert any(gradient)


@pytest.mark.parametrize("placement", ["inside", "outside"])
def test_gradient_that_is_all_eps_keeps_its_precision(placement: str) -> None:
    """For two values its terms cancel down to the share of eps, 2**-1000 and less of each.

    It is the derivative of e / sqrt(2 * e * e + eps), or of e / (sqrt(2) * e + eps): eps over the
    third or the second power of the denominator.
    """
    change = {"eps_placement": placement, "normalizing_variance": "unbiased"}
    call = {"eps": 2.0**-1000, "change": change}
    got = exact(column(-(2.0**500), 2.0**500), grad_output=column(-1, 1), **call)
    s = Fraction(2) ** 500 / got["output"][1]
    want = Fraction(2) ** -1000 / s ** {"inside": 3, "outside": 2}[placement]
    assert abs(got["grad_input"][1] / want - 1) < Fraction(1, 2**250)


def test_constant_channel_has_no_gradient_through_its_variance() -> None:
    """With eps outside the root is 0 and its slope counts 0, which leaves the mean."""
    got = exact(column(3, 3), grad_output=column(1, 0), change={"eps_placement": "outside"})
    assert got["grad_input"] == [Fraction(1, 10), Fraction(-1, 10)]
