"""Gradients by running statistics in the oracle, against automatic differentiation."""

from typing import Any

import numpy as np
import pytest
import torch
from bnparity.backends.formats import format_of
from bnparity.judging.bounds import error_bounds
from bnparity.judging.verdicts import TIGHT
from bnparity_reference import Dialect, Exact, batch_norm

SHAPE = (4, 3, 5)
RNG = np.random.default_rng(5)
ARRAYS: dict[str, Any] = {
    "x": RNG.standard_normal(SHAPE) + 3,
    "running_mean": RNG.standard_normal(3),
    "running_var": RNG.random(3),
    "grad_output": RNG.standard_normal(SHAPE),
    "grad_running_mean": 20 * RNG.standard_normal(3),
    "grad_running_var": 20 * RNG.standard_normal(3),
}
MASK = RNG.random(SHAPE) < 0.6

#: Of what mean and variance are, and how many averages of them make a running one.
OVER = {"channel": (0, 2), "instance": (2,), "position": (0,), "layer": (0, 1, 2)}


def asked(dialect: Dialect, **other: Any) -> Exact:
    """Return the oracle's answer in training."""
    given: dict[str, Any] = {**ARRAYS, "training": True, "momentum": 0.25, "eps": 1e-3, **other}
    return batch_norm(**given, dialect=dialect)


def differentiated(dialect: Dialect, mask: Any) -> Any:
    """Return the gradient by the data that automatic differentiation finds in the definition."""
    given = {name: torch.tensor(array) for name, array in ARRAYS.items()}
    x, kept = given["x"].requires_grad_(), torch.tensor(mask).double()
    axes = OVER[dialect.statistics_over]
    n = kept.sum(axes, keepdim=True)
    divisor = n if dialect.masked_count == "left_in" else torch.ones_like(x).sum(axes, keepdim=True)
    mean = (kept * x).sum(axes, keepdim=True) / divisor
    var = (kept * (x - mean) ** 2).sum(axes, keepdim=True) / divisor
    about = (
        mean if dialect.running_variance_about == "batch_mean" else given["running_mean"][:, None]
    )
    m = n if dialect.statistics_over == "channel" else torch.full_like(n, 20.0)
    m = m if dialect.masked_count == "left_in" else divisor
    new_var = (kept * (x - about) ** 2).sum(axes, keepdim=True) / divisor
    new_var = new_var * (m / (m - 1) if dialect.running_variance == "unbiased" else 1)
    output = (x - mean) / (var + 1e-3).sqrt()
    loss = (given["grad_output"] * output).sum()
    for name, new in (("grad_running_mean", mean), ("grad_running_var", new_var)):
        of_channel = new.expand(-1 if new.shape[0] > 1 else 1, 3, new.shape[2]).mean((0, 2))
        loss = loss + (given[name] * (0.25 * of_channel)).sum()
    (by_data,) = torch.autograd.grad(loss, x)
    return by_data.numpy()


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"running_variance": "biased"},
        {"running_variance_about": "old_mean"},
        {"statistics_over": "instance"},
        {"statistics_over": "position", "running_variance": "biased"},
        {"statistics_over": "layer"},
        {"mask": "left_out"},
        {"mask": "left_out", "masked_count": "all"},
    ],
    ids=str,
)
def test_gradient_is_that_of_the_whole_loss(change: dict[str, Any]) -> None:
    """What comes through the output, and what comes through the running statistics besides."""
    dialect = Dialect(statistics_gradient="through", **change)
    mask = MASK if "mask" in change else np.ones(SHAPE, np.bool_)
    exact = asked(dialect, mask=MASK if "mask" in change else None)
    tight = error_bounds(exact, dialect=dialect, arithmetic=format_of("float64"), growth=1)
    bound, got = tight["grad_input"], exact.grad_input
    assert bound is not None
    assert got is not None
    assert (np.abs(got - differentiated(dialect, mask)) <= TIGHT * bound).all()
    without = asked(dialect, grad_running_mean=None, grad_running_var=None).grad_input
    assert without is not None
    assert (np.abs(got - without) > TIGHT * bound).mean() > 0.5


@pytest.mark.parametrize(
    "where",
    [
        {"statistics_gradient": "stopped"},
        {"running_update": "never"},
        {"training": False},
    ],
    ids=str,
)
def test_nothing_arrives_where_it_is_stopped_or_nothing_moves(where: dict[str, Any]) -> None:
    """The gradient is to the bit the one without."""
    training = where.pop("training", True)
    dialect = Dialect(**{"statistics_gradient": "through", **where})
    got = asked(dialect, training=training).grad_input
    plain = asked(dialect, training=training, grad_running_mean=None, grad_running_var=None)
    assert np.array_equal(got, plain.grad_input)  # type: ignore[arg-type]  # both are there


def test_single_value_that_comes_out_as_zero_still_moves_the_mean() -> None:
    """Its own mean is its value: all of the share arrives."""
    dialect = Dialect(statistics_gradient="through", single_value="zero", running_variance="biased")
    x = np.ones((1, 3))
    got = asked(dialect, x=x, grad_output=x).grad_input
    assert np.array_equal(got, 0.25 * ARRAYS["grad_running_mean"][None])  # type: ignore[arg-type]
