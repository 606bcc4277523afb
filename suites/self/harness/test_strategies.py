"""Every dimension that the strategies promise is reached."""

from collections.abc import Callable

import hypothesis
import pytest
from bnparity.case import Case
from bnparity.dialects import declaration
from bnparity.formats import FORMATS
from bnparity.strategies import cases

REACHED: dict[str, Callable[[Case], bool]] = {
    "rank 2": lambda c: len(c.shape) == 2,
    "rank 5": lambda c: len(c.shape) == 5,
    "one channel": lambda c: c.shape[1] == 1,
    "many channels": lambda c: c.shape[1] == 33,
    "empty batch": lambda c: c.values_per_channel == 0,
    "one value": lambda c: c.values_per_channel == 1,
    "two values": lambda c: c.values_per_channel == 2,
    "a thousand values": lambda c: c.values_per_channel > 1000,
    "channels last": lambda c: c.layout == "channels_last",
    "negative strides": lambda c: c.layout == "reversed",
    "strides of zero": lambda c: c.layout == "broadcast",
    "bfloat16": lambda c: c.dtype == "bfloat16",
    "mixed precision": lambda c: c.dtype == "float16" and c.param_dtype == "float32",
    "inference, untracked": lambda c: not c.training and not c.tracked,
    "weight alone": lambda c: c.affine == "weight",
    "bias alone": lambda c: c.affine == "bias",
    "no parameters": lambda c: c.affine == "none",
    "momentum None": lambda c: c.momentum is None,
    "momentum 0": lambda c: c.momentum == 0.0,
    "momentum 1": lambda c: c.momentum == 1.0,
    "tiny eps": lambda c: c.eps == 1e-12,
    "huge eps": lambda c: c.eps == 1.0,
    "no gradient": lambda c: not c.gradient,
    "fresh": lambda c: c.fresh,
    "constant channels": lambda c: c.recipe.values == "constant",
    "ill-conditioned": lambda c: c.recipe.conditioning == 7,
    "mixed scales": lambda c: c.recipe.spread > 0,
}


@pytest.mark.parametrize("dimension", REACHED)
def test_dimension_is_reached(dimension: str) -> None:
    """Some case drawn has it, within a few thousand."""
    strategy = cases(declaration("torch"), dtypes=FORMATS, min_values=0)
    settings = hypothesis.settings(
        max_examples=5000,
        database=None,
        derandomize=True,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    assert REACHED[dimension](hypothesis.find(strategy, REACHED[dimension], settings=settings))


def test_plainest_case_is_what_shrinking_ends_at() -> None:
    """A case that always fails shrinks to two standard normal values."""
    plainest = hypothesis.find(cases(declaration("torch")), lambda _: True)
    assert plainest == Case(shape=(2, 1))


@hypothesis.given(cases(declaration("mindspore")))
def test_dialect_is_asked_only_what_it_has_words_for(case: Case) -> None:
    """MindSpore's layers always track, have both parameters or none, and no momentum None."""
    assert case.tracked
    assert case.affine in ("both", "none")
    assert case.momentum is not None


@hypothesis.given(cases(declaration("torch"), ranks=(3,), min_values=2))
def test_strategy_keeps_to_what_it_is_told(case: Case) -> None:
    """Ranks and the least number of values are kept."""
    assert len(case.shape) == 3
    assert case.values_per_channel >= 2
