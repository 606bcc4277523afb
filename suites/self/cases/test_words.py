"""A case in words names what is not the default of a layer, and nothing else."""

from typing import Any

import pytest
from bnparity.cases.case import Case, Recipe
from bnparity.cases.dialects import declaration
from bnparity.cases.words import in_words


@pytest.mark.parametrize(
    ("changes", "dialect", "words"),
    [
        ({}, "torch", "training on [2, 1]"),
        ({"training": False}, "torch", "inference on [2, 1]"),
        ({"momentum": 0.9}, "mindspore", "training on [2, 1]"),
        ({"momentum": 0.9}, "torch", "training on [2, 1] with momentum=0.9"),
        (
            {"momentum": None, "eps": 0.1, "affine": "bias"},
            "torch",
            "training on [2, 1] with no weight, momentum=None, eps=0.1",
        ),
        (
            {"dtype": "float16"},
            "torch",
            "training on [2, 1] with dtype=float16, param_dtype=float32",
        ),
        (
            {"dtype": "float64", "param_dtype": "float64"},
            "torch",
            "training on [2, 1] with dtype=float64",
        ),
        (
            {"recipe": Recipe(seed=7, conditioning=3)},
            "torch",
            "training on [2, 1] with a mean of 1e3 standard deviations",
        ),
    ],
)
def test_settings_that_are_not_the_default_are_named(
    changes: dict[str, Any], dialect: str, words: str
) -> None:
    """The dialect says what the default is."""
    assert in_words(Case(**changes), declaration(dialect)) == words
