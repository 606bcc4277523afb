"""Cases as JSON, and the arrays they stand for."""

import json
from typing import Any, get_args

import numpy as np
import pytest
from bnparity.backends.errors import UsageError
from bnparity.backends.formats import FORMATS
from bnparity.cases.case import (
    Case,
    Step,
    Values,
)
from bnparity.cases.dialects import declaration
from bnparity.cases.from_json import case_from_json
from bnparity.cases.inputs import make_inputs
from bnparity.cases.strategies import space_of
from hypothesis import given

ANY_CASE = space_of(declaration("torch"), dtypes=FORMATS, min_values=0).strategy()


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
        ({"shape": [2, 0]}, "one channel or more"),
        ({"shape": [1] * 33}, "2 to 32 sizes"),
        ({"shape": [2**13, 2**14]}, "1048576 elements at most"),
        ({"shape": [0, 10**9]}, "1048576 elements at most"),
        ({"grad_layout": "diagonal"}, "diagonal"),
        ({"eps": -1e-5}, "eps"),
        ({"eps": float("nan")}, "nan"),
        ({"eps": 10**400}, "eps"),
        ({"momentum": float("inf")}, "inf"),
        ({"repeated": 2}, "repeated"),
        ({"calls": 0}, "calls"),
        ({"calls": 10**6}, "from 1 to 1000"),
        ({"reused": 1}, "reused"),
        ({"bias_layout": "transposed"}, "transposed"),
        ({"recipe": {"special": "odd"}}, "odd"),
        ({"recipe": {"special_in": "x"}}, "special_in"),
        ({"threads": 0}, "threads"),
        ({"threads": 10**9}, "threads"),
        ({"history": {}}, "up to 16 steps"),
        ({"history": [1]}, "1 is not a step"),
        ({"history": [{"training": True}]}, "has no batch"),
        ({"history": [{"training": 1, "batch": 2}]}, "training of a step"),
        ({"history": [{"training": True, "batch": 2, "seed": 3}]}, "'seed' is not a field"),
        ({"history": [{"training": True, "batch": 2}] * 17}, "up to 16 steps"),
        ({"shape": [2, 9], "history": [{"training": True, "batch": 2**19}]}, "too many"),
        ({"recipe": {"seed": 2**64}}, "seed"),
        ({"recipe": {"conditioning": 400}}, "from -100 to 100"),
        ({"recipe": {"scale": 2**70}}, "from -100 to 100"),
    ],
)
def test_document_that_is_no_case_is_a_mistake(document: Any, named: str) -> None:
    """The message names what is wrong."""
    with pytest.raises(UsageError, match=named) as raised:
        case_from_json(document)
    assert len(str(raised.value)) < 300
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("values", get_args(Values))
def test_any_exponent_that_is_read_makes_inputs(values: Values, sign: int) -> None:
    """A hostile file gets arrays like any other, finite where its values are."""
    recipe = {"values": values, **dict.fromkeys(("scale", "conditioning", "spread"), sign * 100)}
    for dtype in FORMATS:
        case = case_from_json({"shape": [2, 3], "dtype": dtype, "recipe": recipe})
        assert np.isfinite(make_inputs(case).x[:, 1:].astype(np.float64)).all()


def test_steps_are_read_back_as_steps() -> None:
    """A history is a tuple of records again, so that a case can be compared and remembered."""
    case = Case(shape=(2, 1), history=(Step(training=True, batch=3),))
    assert hash(case_from_json(json.loads(json.dumps(case.to_json())))) == hash(case)


def test_word_of_an_earlier_version_is_read() -> None:
    """A call that was repeated is made twice."""
    assert case_from_json({"repeated": True}) == Case(calls=2)
    assert case_from_json({"repeated": False}) == Case()
