"""Cases as JSON, and the arrays they stand for."""

import json
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.case import Case, Layout, Recipe
from bnparity.dialects import declaration
from bnparity.formats import FORMATS, format_of
from bnparity.inputs import make_inputs
from bnparity.mistakes import Mistake
from bnparity.reading import case_from_json
from bnparity.strategies import cases
from hypothesis import given

ANY_CASE = cases(declaration("torch"), dtypes=FORMATS, min_values=0)


@given(ANY_CASE)
def test_case_survives_json(case: Case) -> None:
    """What is written is what is read."""
    assert case_from_json(json.loads(json.dumps(case.to_json()))) == case


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ([], r"\[\]"),
        ({"shape": [2]}, r"\[2\]"),
        ({"shape": [2, "3"]}, "3"),
        ({"shape": [2, 3], "speed": 9}, "speed"),
        ({"shape": [2, 3], "recipe": {"sugar": 1}}, "sugar"),
        ({"shape": [2, 3], "layout": "diagonal"}, "diagonal"),
        ({"shape": [2, 3], "dtype": "float31"}, "float31"),
        ({"shape": [2, 3], "momentum": "much"}, "much"),
        ({"shape": [2, 3], "eps": None}, "eps"),
        ({"shape": [2, 3], "training": 1}, "training"),
        ({"shape": [-2, 3]}, "-2"),
    ],
)
def test_document_that_is_no_case_is_a_mistake(document: Any, named: str) -> None:
    """The message names what is wrong."""
    with pytest.raises(Mistake, match=named):
        case_from_json(document)


@given(ANY_CASE)
def test_inputs_are_the_same_every_time(case: Case) -> None:
    """A case stands for its arrays: same values, dtypes and strides."""
    for first, second in zip(
        vars(make_inputs(case)).values(), vars(make_inputs(case)).values(), strict=True
    ):
        assert (first is None) == (second is None)
        if first is not None:
            assert first.tobytes() == second.tobytes()
            assert (first.dtype, first.strides) == (second.dtype, second.strides)


@given(ANY_CASE)
def test_inputs_are_what_the_case_says(case: Case) -> None:
    """Shapes, formats and presence follow the case; every value is finite."""
    inputs = make_inputs(case)
    assert inputs.x.shape == case.shape
    assert inputs.x.dtype == format_of(case.dtype).dtype
    assert (inputs.weight is not None) == (case.affine in ("both", "weight"))
    assert (inputs.running_var is not None) == case.tracked
    assert (inputs.grad_output is not None) == case.gradient
    assert np.isfinite(inputs.x.astype(np.float64)).all()
    if inputs.running_var is not None:
        assert (inputs.running_var.astype(np.float64) > 0).all()


@pytest.mark.parametrize("layout", get_args(Layout))
def test_layout_changes_memory_not_values(layout: Layout) -> None:
    """Every layout but the repeating one holds the same values; all are writable."""
    plain = make_inputs(Case(shape=(3, 4, 5, 6)))
    laid = make_inputs(Case(shape=(3, 4, 5, 6), layout=layout))
    assert laid.x.flags.writeable
    if layout == "broadcast":
        assert laid.x.strides[0] == 0
        assert np.array_equal(laid.x[2], plain.x[0])
    else:
        assert np.array_equal(laid.x, plain.x)
        assert (layout == "contiguous") == (laid.x.strides == plain.x.strides)


@pytest.mark.parametrize("conditioning", [0, 3, 6])
def test_conditioning_is_mean_over_deviation(conditioning: int) -> None:
    """The data lie where the recipe says, within what a sample of 10,000 shows."""
    case = Case(shape=(10_000, 1), dtype="float64", recipe=Recipe(conditioning=conditioning))
    x = make_inputs(case).x
    assert np.isclose(np.log10(x.mean() / x.std()), conditioning, rtol=0, atol=0.05)


def test_fresh_parameters_are_the_initial_ones() -> None:
    """A fresh case has weight 1, bias 0, mean 0 and variance 1."""
    inputs = make_inputs(replace(Case(shape=(2, 3)), fresh=True))
    assert [set(a.tolist()) for a in vars(inputs).values() if a is not None and a.ndim == 1] == [
        {1.0},
        {0.0},
        {0.0},
        {1.0},
    ]
