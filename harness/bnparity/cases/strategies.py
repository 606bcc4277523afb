"""Hypothesis strategies for cases: every dimension on which implementations have been seen to fail.

Each ``sampled_from`` begins with the plainest choice, the one that a failing case shrinks to. All
choices are drawn as one flat tuple, some in pairs: a draw costs more time than an oracle's line.
What is rare is paired so that one choice decides on all of it, and says none of it most times.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import product
from math import log10, prod
from typing import TypeAlias, TypeVar, get_args

from hypothesis import strategies as st

from bnparity.backends import format_of
from bnparity.cases.case import Affine, Case, Layout, Recipe, Step, Values
from bnparity.cases.declaration import Declaration
from bnparity.cases.exact_data import with_exact_data

T = TypeVar("T")
_Occasion: TypeAlias = tuple[bool, tuple[Step, ...], int | None]

#: Ranks that BatchNorm1d, BatchNorm2d and BatchNorm3d take between them.
RANKS = (2, 3, 4, 5)

_BATCHES = (2, 1, 3, 4, 5, 8, 17, 0)
_FEW_CHANNELS = (1, 2, 3, 4, 5, 7, 8)
_CHANNELS = (*_FEW_CHANNELS, 16, 33, 64, 130, *_FEW_CHANNELS)  # many take their time
_EXTENTS = tuple(sorted(product((1, 2, 3, 4, 5, 7, 8), repeat=3), key=lambda e: (prod(e), e)))
# One case in eight is stretched along its last axis: an error that grows with n shows there. One
# in 80 is one channel of more values than a half or a short integer can count.
_LONG = 2**16 + 1
_STRETCHES = (*(1,) * 69, *(32,) * 10, _LONG)
# Of grad_output: None is that of the data, the last one to shrink to because it says two things.
_GRAD_LAYOUTS: tuple[Layout | None, ...] = (*get_args(Layout), *(None,) * 7)
# A gradient or none, fresh or far from it.
_ASKED = ((True, False),) * 9 + ((False, False),) * 3 + ((True, True),) * 3 + ((False, True),)
_EPSILONS = (1e-5, 1e-3, 1e-12, 1e-8, 1e-1, 1.0)
# In pairs m, 1 - m, so that a momentum read the wrong way round is never a fixed point.
_MOMENTA = (0.1, 0.9, 0.25, 0.75, 0.01, 0.99, 1.0, 0.0)
_COMMON: tuple[Values, ...] = ("normal", "integers", "outlier", "constant")
_RARE: tuple[Values, ...] = ("subnormal", "huge", "nan", "infinite")
_VALUES = (*_COMMON, *_RARE, *_COMMON * 2, *("normal",) * 8, *("exact",) * 4)
_SCALES_AND_SPREADS = tuple(product((0, -1, 1, -2, 2, -3, 3, -6, 6), (0, 0, 1, 6)))
_SEEDS = 2**16 - 1
# Elements of a case; more would show little that is new and take most of the time.
_LARGEST = 2**14


_STEP_BATCHES = ((4,), (1,), (7,), (4, 7), (7, 1), (4, 1, 7))
_HISTORIES = [
    tuple(Step(training=mode, batch=batch) for mode, batch in zip(modes, batches, strict=True))
    for batches in _STEP_BATCHES
    for modes in product((True, False), repeat=len(batches))
]
# What is asked beyond one call: whether it is repeated, the calls before it, and threads.
# Of about 200: one in eight is repeated, one in ten has a history, one in sixteen sets threads.
# Not thousands, with every history: from many choices Hypothesis draws the first ones too often.
_OCCASIONS: tuple[_Occasion, ...] = (
    *[(False, (), None)] * 150,
    *[(True, (), None)] * 28,
    *[(False, (), threads) for threads in (1, 2) for _ in range(7)],
    *[(False, history, None) for history in _HISTORIES],
)


def cases(
    declared: Declaration,
    *,
    dtypes: Sequence[str] = ("float32",),
    ranks: Sequence[int] = RANKS,
    min_values: int = 2,
) -> st.SearchStrategy[Case]:
    """Return a strategy for the cases that a backend of a dialect can be asked.

    Parameters
    ----------
    declared
        The dialect: its modes, its default eps and momentum first, momentum None and eps 0 where it
        allows them.
    dtypes
        Formats of the data. Half data come with half and with float32 parameters.
    ranks
        Numbers of axes of the data, channels included.
    min_values
        The least number of values a channel; 0 includes empty batches and single values.
    """
    momenta: tuple[float | None, ...] = _first(declared.default_momentum, _MOMENTA)
    if declared.dialect.momentum_none == "cumulative":
        momenta = (*momenta, None)
    epsilons = _first(declared.default_eps, (*_EPSILONS, 0.0) if declared.zero_eps else _EPSILONS)
    conditionings = range(-1, 1 + max(worst_conditioning(name) for name in dtypes))
    pairs = [pair for name in dtypes for pair in format_pairs(name)]
    formats = st.sampled_from(pairs) if len(pairs) > 1 else st.just(pairs[0])  # cheaper to draw
    choices = st.tuples(
        formats,
        st.sampled_from([(rank, stretch) for stretch in _STRETCHES for rank in ranks]),
        *map(st.sampled_from, (_BATCHES, _CHANNELS, _EXTENTS, get_args(Layout), _GRAD_LAYOUTS)),
        st.sampled_from([(mode, affine) for affine in declared.affines for mode in declared.modes]),
        *map(st.sampled_from, (momenta, epsilons, _ASKED)),
        st.integers(0, _SEEDS),
        *map(st.sampled_from, (_VALUES, _SCALES_AND_SPREADS, conditionings, _OCCASIONS)),
    )
    bound = partial(_case, declared=declared, min_values=min_values)
    return choices.map(lambda chosen: with_exact_data(bound(*chosen)))


def _case(
    formats: tuple[str, str],
    rank_and_stretch: tuple[int, int],
    batch: int,
    channels: int,
    extents: tuple[int, ...],
    layout: Layout,
    grad_layout: Layout | None,
    mode_and_affine: tuple[tuple[bool, bool], Affine],
    momentum: float | None,
    eps: float,
    asked: tuple[bool, bool],
    seed: int,
    values: Values,
    scale_and_spread: tuple[int, int],
    conditioning: int,
    occasion: _Occasion,
    *,
    declared: Declaration,
    min_values: int,
) -> Case:
    mode, affine = mode_and_affine
    repeated, history, threads = occasion
    worst = worst_conditioning(formats[0])
    min_channels = 2 if values in ("nan", "infinite") else 1  # another shows that it stays one's
    batch, *spatial = _sizes(*rank_and_stretch, (batch, *extents), min_values)
    most_channels = _LARGEST // max(1, batch * prod(spatial))
    return Case(
        shape=(batch, max(min(channels, most_channels), min_channels), *spatial),
        dtype=formats[0],
        param_dtype=formats[1],
        layout=layout,
        grad_layout=(grad_layout or layout) if asked[0] else "contiguous",
        training=mode[0],
        tracked=mode[1],
        affine=affine,
        momentum=momentum,
        eps=eps if eps > 0.0 or mode in declared.zero_eps else declared.default_eps,
        gradient=asked[0],
        fresh=asked[1],
        recipe=Recipe(
            seed=seed,
            values=values,
            scale=scale_and_spread[0],
            # Beyond the worst of this format: one from 0 up to that.
            conditioning=conditioning if conditioning <= worst else conditioning % (worst + 1),
            spread=scale_and_spread[1],
        ),
        repeated=repeated,
        history=_steps(history, prod(spatial), min_values) if mode[1] else (),
        threads=threads,
    )


def _steps(history: tuple[Step, ...], spatial: int, min_values: int) -> tuple[Step, ...]:
    """Return `history` with batches large enough for `min_values` a channel."""
    return tuple(
        step if step.batch * spatial >= min_values else replace(step, batch=min_values)
        for step in history
    )


def _sizes(rank: int, stretch: int, drawn: tuple[int, ...], min_values: int) -> list[int]:
    """Return the sizes of all axes but the channels', large enough for `min_values`."""
    sizes = [1] * (rank - 1) if stretch == _LONG else list(drawn[: rank - 1])
    sizes[-1] *= stretch
    return sizes if prod(sizes) >= min_values else [min_values, *sizes[1:]]


@cache
def worst_conditioning(dtype: str) -> int:
    """Return the exponent of the largest mean / deviation that rounding leaves deviations of."""
    return int(-log10(format_of(dtype).unit))


def format_pairs(dtype: str) -> list[tuple[str, str]]:
    """Return the formats of data and parameters in which data in `dtype` are asked."""
    half = format_of(dtype).unit > format_of("float32").unit
    return [(dtype, dtype), (dtype, "float32")] if half else [(dtype, dtype)]


def _first(plainest: T, others: Sequence[T]) -> tuple[T, ...]:
    return (plainest, *(other for other in others if other != plainest))
