"""Cases whose loss depends on running statistics: who is asked with some, and what they have."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends import FORMATS, Capabilities
from bnparity.cases import case_from_json, declaration, in_words, plainer
from bnparity.cases.case import Case, Recipe
from bnparity.cases.inputs import make_inputs
from bnparity.sessions.askable import askable
from bnparity.sessions.plan import Plan


@pytest.mark.parametrize("flag", [True, False])
def test_case_goes_through_json(flag: bool) -> None:
    """One without such gradients says nothing of them, as before there were any."""
    case = Case(statistics_gradients=flag)
    assert case_from_json(case.to_json()) == case
    assert ("statistics_gradients" in case.to_json()) is flag
    told = in_words(case, declaration("torch"))
    assert ("with gradients by running statistics" in told) is flag


@pytest.mark.parametrize("dtype", FORMATS)
def test_gradients_are_numbers_beside_the_arrays_of_a_case_without(dtype: str) -> None:
    """In the format of the statistics, whatever the size of the data; all else is as it was."""
    for values in ("normal", "huge", "subnormal"):
        about: dict[str, Any] = {
            "shape": (4, 3, 5),
            "dtype": dtype,
            "param_dtype": dtype,
            "recipe": Recipe(values=values),
        }
        given = vars(make_inputs(Case(**about, statistics_gradients=True))).copy()
        for name in ("grad_running_mean", "grad_running_var"):
            array = given.pop(name)
            assert (array.shape, array.dtype.name) == ((3,), dtype)
            assert np.isfinite(array.astype(float)).all()
            assert (array != 0).all()
        plain = vars(make_inputs(Case(**about)))
        assert given.keys() == plain.keys()
        assert all(np.array_equal(a, plain[name]) for name, a in given.items())


def test_cases_are_those_of_everybody_but_for_these_gradients() -> None:
    """Some have them, where there is a gradient and there are running statistics."""

    def first(**capabilities: Any) -> list[dict[str, Any]]:
        space = askable(declaration("torch"), Capabilities(**capabilities), Plan())
        drawn = (case.to_json() for _, case in space.drawn(0))
        return [case for case, _ in zip(drawn, range(300), strict=False)]

    without, through = first(), first(statistics_gradients=True)
    asked = [case for case in through if case.pop("statistics_gradients", False)]
    assert 10 < len(asked) < 60
    assert all(case["gradient"] and case["tracked"] for case in asked)
    assert through == without


def test_failing_case_is_tried_without_them() -> None:
    """And one that has none is not tried with them."""
    assert ({"statistics_gradients": False}, {}) in list(plainer(Case()))
