"""A mask in the oracle: against exact fractions, automatic differentiation, and calls without."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from bnparity.backends.formats import format_of
from bnparity.judging.bounds import error_bounds
from bnparity.judging.verdicts import TIGHT
from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect, Exact, batch_norm, exact
from bnparity_reference.dialect import OF_MASKS
from numpy.typing import NDArray

TORCH = Dialect()
SHAPE = (4, 3, 5)


def called(mask: Any, *, change: Any = None, **other: Any) -> Exact:
    """Return the answer to a call with a mask, in training under torch's dialect."""
    rng = np.random.default_rng(7)
    given: dict[str, Any] = {
        "x": rng.standard_normal(SHAPE) + 3,
        "weight": rng.standard_normal(3),
        "bias": rng.standard_normal(3),
        "running_mean": rng.standard_normal(3),
        "running_var": rng.random(3),
        "grad_output": rng.standard_normal(SHAPE),
        "training": True,
        "momentum": 0.25,
        "eps": 1e-3,
    }
    dialect = replace(TORCH, **(change or {}))
    return batch_norm(**(given | other), mask=mask, dialect=dialect)


def bounds(answer: Exact, dialect: Dialect) -> dict[str, Any]:
    """Return what float64 may be off by, for each output."""
    return error_bounds(answer, dialect=dialect, arithmetic=format_of("float64"), growth=1)


def drawn(seed: int) -> tuple[dict[str, Any], Dialect]:
    """Return a call with a mask, and a dialect with one or two changes."""
    rng = np.random.default_rng(seed)
    shape = (int(rng.choice([1, 2, 3, 5])), 2, *[(), (3,), (2, 2)][int(rng.integers(3))])
    of_mask = shape if rng.random() < 0.5 else (shape[0], 1, *shape[2:])
    arguments = {
        "x": rng.standard_normal(shape) + 10 ** rng.uniform(-1, 3),
        "weight": rng.standard_normal(2),
        "bias": rng.standard_normal(2),
        "running_mean": rng.standard_normal(2),
        "running_var": rng.random(2) + 0.1,
        "grad_output": rng.standard_normal(shape),
        "mask": rng.random(of_mask) < rng.choice([0.1, 0.5, 0.8, 1.0]),
        "training": bool(rng.random() < 0.8),
        "momentum": 0.1,
        "eps": 1e-3,
    }
    values: dict[str, Any] = {**CONVENTIONS, **OF_MASKS}
    names = [*rng.choice(list(OF_MASKS), 2, replace=False), str(rng.choice(list(CONVENTIONS)))]
    change = {name: values[name][int(rng.integers(len(values[name])))] for name in names}
    change["statistics_over"] = "channel"  # over others, float64 takes the last steps
    return arguments, replace(TORCH, **change)


def test_oracle_is_the_definition_in_fractions() -> None:
    """Under any dialect, all numbers are those of exact arithmetic, NaN where it has none."""
    seen: set[tuple[str, bool]] = set()
    for seed in range(150):
        arguments, dialect = drawn(seed)
        with np.errstate(all="ignore"):
            got = batch_norm(dialect=dialect, **arguments)
            bound = bounds(got, dialect)
        for name, numbers in exact.batch_norm(dialect=dialect, **arguments).items():
            for index, number in np.ndenumerate(numbers):
                value = getattr(got, name)[index]
                seen.add((name, number is None))
                if number is None:
                    assert not np.isfinite(value), (seed, name)
                elif np.isfinite(most := bound[name][index]):
                    assert abs(Fraction(value) - number) <= Fraction(most), (seed, name)
    assert {name for name, _ in seen} == set(OUTPUTS)
    assert {name for name, none in seen if none} > {"output", "running_var", "grad_input"}


def test_mask_of_everything_is_none() -> None:
    """Nothing is left out."""
    for name in OUTPUTS:
        with_mask, without = called(np.ones(SHAPE, np.bool_)), called(None)
        assert np.array_equal(getattr(with_mask, name), getattr(without, name))


def test_what_is_left_out_moves_no_statistics() -> None:
    """NaN there stays in its own output, and running statistics are those of the others alone."""
    mask = np.ones((4, 1, 5), np.bool_)
    mask[1:3] = False
    rng = np.random.default_rng(7)
    x = rng.standard_normal(SHAPE) + 3
    alone = called(None, x=x[[0, 3]], grad_output=None)
    x[1] = np.nan
    got = called(mask, x=x, grad_output=None)
    assert np.array_equal(got.output[[0, 3]], alone.output)
    assert np.isnan(got.output[1]).all()
    assert np.isfinite(got.output[2]).all()
    for name in ("running_mean", "running_var"):
        assert np.array_equal(getattr(got, name), getattr(alone, name))


@pytest.mark.parametrize("count", ["left_in", "epsilon", "all"])
@pytest.mark.parametrize("shown", ["normalized", "zero"])
def test_gradient_is_that_of_automatic_differentiation(count: str, shown: str) -> None:
    """Straight for all values, through the statistics for those that are left in."""
    rng = np.random.default_rng(3)
    arrays = [rng.standard_normal(SHAPE) for _ in range(2)]
    mask = rng.random(SHAPE) < 0.5
    x, grad = (torch.tensor(a) for a in arrays)
    x.requires_grad_()
    kept = torch.tensor(mask).double()
    n = kept.sum((0, 2), keepdim=True)
    n = {"left_in": n, "epsilon": n + 1e-7, "all": 20.0 + 0 * n}[count]
    mean = (x * kept).sum((0, 2), keepdim=True) / n
    var = (kept * (x - mean) ** 2).sum((0, 2), keepdim=True) / n
    output = (x - mean) / (var + 1e-3).sqrt()
    output = output * kept if shown == "zero" else output
    (by_data,) = torch.autograd.grad(output, x, grad)
    change: dict[str, Any] = {"masked_count": count, "masked_output": shown}
    given = {"x": arrays[0], "grad_output": arrays[1], "weight": None, "bias": None}
    got = called(mask, **given, change=change)
    bound = bounds(got, replace(TORCH, **change))
    assert got.grad_input is not None
    assert (np.abs(got.grad_input - by_data.numpy()) <= TIGHT * bound["grad_input"]).all()
    assert (np.abs(got.output - output.detach().numpy()) <= TIGHT * bound["output"]).all()


@pytest.mark.parametrize(
    ("change", "moved"),
    [
        ({}, None),
        ({"empty_batch": "computed"}, np.nan),
        ({"empty_batch": "computed", "masked_count": "epsilon"}, 0.0),
    ],
    ids=str,
)
def test_channel_of_which_nothing_is_left(change: dict[str, str], moved: float | None) -> None:
    """Its running mean stays, is 0 / 0, or moves towards 0; the other channels take no notice."""
    mask: NDArray[np.bool_] = np.ones(SHAPE, np.bool_)
    mask[:, 0] = False
    old = np.array([4.0, 5.0, 6.0])
    with np.errstate(all="ignore"):
        got = called(mask, running_mean=old, change={"running_variance": "biased", **change})
        whole = called(
            np.ones_like(mask), running_mean=old, change={"running_variance": "biased", **change}
        )
    assert got.running_mean is not None
    assert whole.running_mean is not None
    want = 4.0 if moved is None else 3.0 + 0.25 * moved
    assert np.array_equal(got.running_mean[0], want, equal_nan=True)
    assert np.array_equal(got.running_mean[1:], whole.running_mean[1:])
