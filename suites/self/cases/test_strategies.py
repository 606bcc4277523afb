"""Every dimension that the strategies promise is reached."""

from collections.abc import Callable
from itertools import islice
from math import prod

import hypothesis
import pytest
from bnparity.backends.formats import FORMATS
from bnparity.cases.case import Case, Recipe, Step
from bnparity.cases.dialects import declaration
from bnparity.cases.plain import plainer, with_changes
from bnparity.cases.rarities import MANY_CALLS
from bnparity.cases.space import Space
from bnparity.cases.strategies import space_of

ORDINARY = ("normal", "integers", "outlier", "constant")


def _special(case: Case) -> tuple[str, str]:
    return case.recipe.special, case.recipe.special_in


REACHED: dict[str, Callable[[Case], bool]] = {
    "rank 2": lambda c: len(c.shape) == 2,
    "rank 3": lambda c: len(c.shape) == 3,
    "rank 4": lambda c: len(c.shape) == 4,
    "rank 5": lambda c: len(c.shape) == 5,
    "one channel": lambda c: c.shape[1] == 1,
    "64 channels": lambda c: c.shape[1] == 64,
    "130 channels": lambda c: c.shape[1] == 130,
    "thousands of channels": lambda c: c.shape[1] > 4095,
    "more channels than a short integer counts": lambda c: c.shape[1] > 65535,
    "batch above 32, with planes": lambda c: c.shape[0] > 32 and len(c.shape) > 3,
    "height above 8": lambda c: len(c.shape) == 4 and c.shape[2] > 8,
    "depth above 8": lambda c: len(c.shape) == 5 and c.shape[2] > 8,
    "plane above 1024": lambda c: len(c.shape) > 3 and prod(c.shape[-2:]) == 1025,
    "item of a power of two": lambda c: prod(c.shape[1:]) == 4096,
    "tensor of one less than a power": lambda c: prod(c.shape) == 1023,
    "inference on one value": lambda c: c.values_per_channel == 1 and c.tracked and not c.training,
    "empty batch": lambda c: c.values_per_channel == 0,
    "one value": lambda c: c.values_per_channel == 1,
    "two values": lambda c: c.values_per_channel == 2,
    "a thousand values": lambda c: c.values_per_channel > 1000,
    "more values than a short integer counts": lambda c: c.values_per_channel > 65536,
    "channels last": lambda c: c.layout == c.grad_layout == "channels_last",
    "transposed": lambda c: c.layout == "transposed",
    "sliced": lambda c: c.layout == "sliced",
    "negative strides": lambda c: c.layout == "reversed",
    "strides of zero": lambda c: c.layout == "broadcast",
    "storage offset": lambda c: c.layout == "offset",
    "slice of the channels": lambda c: c.layout == "channel_slice",
    "batch innermost": lambda c: c.layout == "batch_last",
    "ambiguous strides": lambda c: c.layout == "ambiguous" and c.shape[0] == 1,
    "gradient of one number": lambda c: c.grad_layout == "scalar",
    "strided weight alone": lambda c: c.weight_layout == "sliced" != c.bias_layout,
    "all statistics repeated": lambda c: (
        c.running_mean_layout == c.running_var_layout == "broadcast"
    ),
    "zero weight": lambda c: _special(c) == ("zero", "weight"),
    "tiny weight": lambda c: _special(c) == ("tiny", "weight"),
    "variance of zero": lambda c: _special(c) == ("zero", "running_var"),
    "negative variance": lambda c: _special(c) == ("negative", "running_var"),
    "infinite mean": lambda c: _special(c) == ("infinite", "running_mean"),
    "NaN in the bias": lambda c: _special(c) == ("nan", "bias"),
    "NaN in the gradient": lambda c: _special(c) == ("nan", "grad_output"),
    "gradient alone in another layout": lambda c: c.layout == "contiguous" != c.grad_layout,
    "data alone in another layout": lambda c: c.gradient and c.layout != c.grad_layout,
    "bfloat16": lambda c: c.dtype == "bfloat16",
    "mixed precision": lambda c: c.dtype == "float16" and c.param_dtype == "float32",
    "training, untracked": lambda c: c.training and not c.tracked,
    "inference, untracked": lambda c: not c.training and not c.tracked,
    "weight alone": lambda c: c.affine == "weight",
    "bias alone": lambda c: c.affine == "bias",
    "no parameters": lambda c: c.affine == "none",
    "momentum None": lambda c: c.momentum is None,
    "momentum 0": lambda c: c.momentum == 0.0,
    "momentum 1": lambda c: c.momentum == 1.0,
    "eps 0": lambda c: c.eps == 0.0,
    "tiny eps": lambda c: c.eps == 1e-12,
    "huge eps": lambda c: c.eps == 1.0,
    "no gradient": lambda c: not c.gradient,
    "fresh": lambda c: c.fresh,
    "outlier": lambda c: c.recipe.values == "outlier",
    "integers": lambda c: c.recipe.values == "integers",
    "constant channels": lambda c: c.recipe.values == "constant",
    "subnormal data": lambda c: c.recipe.values == "subnormal",
    "huge data": lambda c: c.recipe.values == "huge",
    "NaN": lambda c: c.recipe.values == "nan" and c.values_per_channel > 0,
    "infinity": lambda c: c.recipe.values == "infinite" and c.values_per_channel > 0,
    "ill-conditioned float64": lambda c: c.recipe.conditioning == 15 and c.dtype == "float64",
    "ill-conditioned float32": lambda c: c.recipe.conditioning == 7 and c.dtype == "float32",
    "ill-conditioned half": lambda c: c.recipe.conditioning == 3 and c.dtype == "float16",
    "mixed scales": lambda c: c.recipe.spread > 0,
    "same call twice": lambda c: c.calls == 2,
    "same call many times": lambda c: c.calls == MANY_CALLS,
    "memory used before": lambda c: c.reused and c.calls == 1,
    "many calls, another between them": lambda c: c.reused and c.calls == MANY_CALLS,
    "training, then inference": lambda c: bool(c.history) and c.history[-1].training > c.training,
    "inference, then training": lambda c: bool(c.history) and c.history[-1].training < c.training,
    "three steps, batches of three sizes": lambda c: len({s.batch for s in c.history}) == 3,
    "one thread": lambda c: c.threads == 1,
    "two threads": lambda c: c.threads == 2,
}


def _sample(of: Space, count: int) -> list[Case]:
    """Return the first cases of a space."""
    return [case for _, case in islice(of.drawn(0), count)]


@pytest.fixture(scope="module")
def sample() -> list[Case]:
    """Return cases of torch's dialect, which has a word for everything."""
    return _sample(space_of(declaration("torch"), dtypes=FORMATS, min_values=0), 4000)


@pytest.mark.parametrize("dimension", REACHED)
def test_dimension_is_reached(dimension: str, sample: list[Case]) -> None:
    """Some case drawn has it."""
    assert any(map(REACHED[dimension], sample))


@pytest.mark.parametrize(
    ("what", "holds", "share"),
    [
        ("plain calls", lambda c: c.calls == 1 and not (c.reused or c.history or c.threads), 3 / 4),
        ("repeated calls", lambda c: c.calls > 1, 1 / 17),
        ("memory used before", lambda c: c.reused, 1 / 19),
        ("histories where tracked", lambda c: bool(c.history), 1 / 20),
        ("threads", lambda c: c.threads is not None, 1 / 16),
        ("sizes near no power", lambda c: max(c.shape) < 31, 2 / 3),
        ("ordinary arguments", lambda c: c.recipe.special == "none", 5 / 6),
        ("weights with a zero", lambda c: _special(c) == ("zero", "weight"), 1 / 44),
        ("ordinary values", lambda c: c.recipe.values in ORDINARY, 5 / 6),
    ],
)
def test_rare_dimension_is_as_rare_as_meant(
    what: str, holds: Callable[[Case], bool], share: float, sample: list[Case]
) -> None:
    """Within a half of its share, either way: not so rare as to be missed, nor in the way."""
    found = sum(map(holds, sample)) / len(sample)
    assert share / 1.5 < found < share * 1.5, what


def test_plainest_case_is_what_shrinking_ends_at() -> None:
    """A case that always fails shrinks to two standard normal values."""
    plainest = hypothesis.find(space_of(declaration("torch")).strategy(), lambda _: True)
    assert plainest == Case(shape=(2, 1))


@pytest.mark.parametrize(
    ("wanted", "smallest"),
    [
        (lambda c: c.grad_layout == "offset", Case(grad_layout="offset")),
        (lambda c: c.layout == "offset", Case(layout="offset")),
        (lambda c: c.recipe.values == "nan", Case(shape=(2, 2), recipe=Recipe(values="nan"))),
        (lambda c: c.calls > 1, Case(calls=2)),
        (lambda c: c.reused, Case(reused=True)),
        (lambda c: c.weight_layout == "sliced", Case(weight_layout="sliced")),
        (
            lambda c: _special(c) == ("zero", "weight"),
            Case(recipe=Recipe(special="zero", special_in="weight")),
        ),
        (lambda c: c.threads == 2, Case(threads=2)),
        (
            lambda c: bool(c.history) and c.history[-1].training > c.training,
            Case(training=False, history=(Step(training=True, batch=4),)),
        ),
    ],
    ids=[
        "grad_layout",
        "layout",
        "nan",
        "calls",
        "reused",
        "strided",
        "zero",
        "threads",
        "history",
    ],
)
def test_shrinking_ends_at_a_case_that_is_plain_but_for_its_reason(
    wanted: Callable[[Case], bool], smallest: Case
) -> None:
    """A person reads one thing that is out of the ordinary, and nothing else."""
    found = hypothesis.find(space_of(declaration("torch")).strategy(), wanted)
    for changes in plainer(found):
        tried = with_changes(found, *changes)
        found = tried if wanted(tried) else found
    assert found == smallest


@hypothesis.given(space_of(declaration("mindspore")).strategy())
def test_dialect_is_asked_only_what_it_has_words_for(case: Case) -> None:
    """MindSpore's layers always track, have both parameters or none, and no momentum None."""
    assert case.tracked
    assert case.affine in ("both", "none")
    assert case.momentum is not None
    assert case.eps > 0.0


def test_eps_is_zero_only_where_the_dialect_allows_it(sample: list[Case]) -> None:
    """PyTorch refuses to train with it, and batch statistics may be those of a constant."""
    assert {(c.training, c.tracked) for c in sample if c.eps == 0.0} == {(False, True)}


@pytest.mark.parametrize("most", [2, 500])
def test_case_has_no_more_elements_than_asked_for(most: int) -> None:
    """The largest that are drawn come near."""
    few = space_of(declaration("torch"), max_elements=most)
    largest = max(prod(case.shape) for case in _sample(few, 300))
    assert most / 2 <= largest <= most


def test_many_values_are_asked_to_train_on_exact_data(sample: list[Case]) -> None:
    """There are few such cases: each should tell as much as it can."""
    many = [c for c in sample if c.values_per_channel > 4096]
    telling = [c for c in many if c.training and c.tracked and c.recipe.values == "exact"]
    assert len(many) > 10
    assert 2 * len(telling) > len(many)


def test_float32_is_half_of_all_formats(sample: list[Case]) -> None:
    """Of four formats it is asked most."""
    assert 0.4 < sum(c.dtype == "float32" for c in sample) / len(sample) < 0.6


def test_momentum_none_is_asked_of_who_takes_it() -> None:
    """A function that takes a number is given one."""
    numbers = space_of(declaration("torch"), momentum_none=False)
    assert all(case.momentum is not None for case in _sample(numbers, 200))


def test_untracked_case_has_no_history(sample: list[Case]) -> None:
    """There is nothing to hand on."""
    assert not any(case.history for case in sample if not case.tracked)


@hypothesis.given(space_of(declaration("torch"), ranks=(3,), min_values=2).strategy())
def test_strategy_keeps_to_what_it_is_told(case: Case) -> None:
    """Ranks and the least number of values are kept."""
    assert len(case.shape) == 3
    assert case.values_per_channel >= (1 if case.tracked and not case.training else 2)
    assert all(step.batch * prod(case.shape[2:]) >= 2 for step in case.history)
