"""Exact data are what they say, in every format and at every size."""

import numpy as np
import pytest
from bnparity.backends.formats import FORMATS, format_of
from bnparity.cases.case import Case, Recipe
from bnparity.cases.exact_data import with_exact_data
from bnparity.cases.inputs import make_inputs
from bnparity.judging.summation import loss_in_any_order


def exact_case(n: int, dtype: str = "float32", **of_case: object) -> Case:
    """Return a case of `n` values a channel whose recipe asks for exact data."""
    recipe = Recipe(values="exact", scale=3, conditioning=1)
    about: dict[str, object] = {"dtype": dtype, "param_dtype": dtype, "recipe": recipe}
    return with_exact_data(Case(shape=(n, 3), **{**about, **of_case}))  # type: ignore[arg-type]


@pytest.mark.parametrize("n", [2, 9, 11, 64, 5001])
@pytest.mark.parametrize("dtype", FORMATS)
def test_all_sums_are_exact(dtype: str, n: int) -> None:
    """Those of data, squares, gradient, its projection and what is left of it, in float32."""
    inputs, unit = make_inputs(exact_case(n, dtype)), format_of("float32").unit
    assert inputs.grad_output is not None
    x, grad = inputs.x.T.astype(np.float64), inputs.grad_output.T.astype(np.float64)
    d = x - x.mean(axis=1, keepdims=True)
    left = grad - d * ((grad * d).mean(axis=1) / (d * d).mean(axis=1))[:, np.newaxis]
    for terms in (x, d, d * d, grad, grad * d, left):
        assert (loss_in_any_order(terms, unit) == 0.0).all()


@pytest.mark.parametrize("n", [2, 3, 7, 9, 64])
def test_scale_is_a_power_of_two(n: int) -> None:
    """So that normalised data are as exact as the data."""
    case = exact_case(n)
    x = make_inputs(case).x.astype(np.float64)
    mantissas, _ = np.frexp(np.sqrt(x.var(axis=0) + case.eps))
    # Of the squares, their mean, eps added and the root: each rounds.
    assert np.abs(mantissas - 0.5).max() <= 4 * np.finfo(float).eps


def test_scale_of_given_statistics_is_a_power_of_two() -> None:
    """In inference it is that of the running variance."""
    case = exact_case(64, training=False)
    var = make_inputs(case).running_var
    assert var is not None
    mantissas, _ = np.frexp(np.sqrt(var.astype(np.float64) + case.eps))
    assert set(mantissas) == {0.5}


def test_half_of_the_large_cases_are_exact() -> None:
    """Those of ordinary data, by their seed; small ones stay as they are drawn."""
    seeds = {
        n: [with_exact_data(Case(shape=(n, 1), recipe=Recipe(seed=seed))) for seed in range(8)]
        for n in (64, 4096)
    }
    shares = {n: sum(c.recipe.values == "exact" for c in drawn) for n, drawn in seeds.items()}
    assert shares == {64: 0, 4096: 4}
