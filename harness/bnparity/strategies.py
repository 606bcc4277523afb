"""Hypothesis strategies for cases: every dimension on which implementations have been seen to fail.

Each ``sampled_from`` begins with the plainest choice, the one that a failing case shrinks to. All
choices are drawn as one flat tuple, some in pairs: a draw costs more time than an oracle's line.
"""

from collections.abc import Sequence
from itertools import product
from math import prod
from typing import TypeVar, get_args

from hypothesis import strategies as st

from bnparity.case import Affine, Case, Layout, Recipe, Values
from bnparity.dialects import Declaration
from bnparity.formats import format_of

T = TypeVar("T")

#: Ranks that BatchNorm1d, BatchNorm2d and BatchNorm3d take between them.
RANKS = (2, 3, 4, 5)

_BATCHES = (2, 1, 3, 4, 5, 8, 17, 0)
_CHANNELS = (1, 2, 3, 4, 5, 7, 8, 16, 33)
_EXTENTS = tuple(sorted(product((1, 2, 3, 4, 5, 7, 8), repeat=3), key=lambda e: (prod(e), e)))
# One case in eight is stretched along its last axis: an error that grows with n shows there.
_STRETCHES = (1, 1, 1, 1, 1, 1, 1, 32)
# A gradient or none, fresh or far from it.
_ASKED = ((True, False),) * 9 + ((False, False),) * 3 + ((True, True),) * 3 + ((False, True),)
_EPSILONS = (1e-5, 1e-3, 1e-12, 1e-8, 1e-1, 1.0)
# In pairs m, 1 - m, so that a momentum read the wrong way round is never a fixed point.
_MOMENTA = (0.1, 0.9, 0.25, 0.75, 0.01, 0.99, 1.0, 0.0)
_VALUES: tuple[Values, ...] = ("normal", "normal", "normal", "integers", "outlier", "constant")
_SCALES_AND_SPREADS = tuple(product((0, -1, 1, -2, 2, -3, 3, -6, 6), (0, 0, 1, 6)))
_CONDITIONINGS = (-1, 0, 1, 2, 3, 4, 5, 6, 7)
_SEEDS = 2**16 - 1
# Elements of a case; more would show little that is new and take most of the time.
_LARGEST = 2**14


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
        The dialect: its modes, its default eps and momentum first, momentum None if it allows that.
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
    pairs = [pair for name in dtypes for pair in _format_pairs(name)]
    formats = st.sampled_from(pairs) if len(pairs) > 1 else st.just(pairs[0])  # cheaper to draw
    choices = st.tuples(
        formats,
        st.sampled_from([(rank, stretch) for stretch in _STRETCHES for rank in ranks]),
        st.sampled_from(_BATCHES),
        st.sampled_from(_CHANNELS),
        st.sampled_from(_EXTENTS),
        st.sampled_from(get_args(Layout)),
        st.sampled_from([(mode, affine) for affine in declared.affines for mode in declared.modes]),
        st.sampled_from(momenta),
        st.sampled_from(_first(declared.default_eps, _EPSILONS)),
        st.sampled_from(_ASKED),
        st.integers(0, _SEEDS),
        st.sampled_from(_VALUES),
        st.sampled_from(_SCALES_AND_SPREADS),
        st.sampled_from(_CONDITIONINGS),
    )
    return choices.map(lambda chosen: _case(*chosen, min_values=min_values))


def _case(
    formats: tuple[str, str],
    rank_and_stretch: tuple[int, int],
    batch: int,
    channels: int,
    extents: tuple[int, ...],
    layout: Layout,
    mode_and_affine: tuple[tuple[bool, bool], Affine],
    momentum: float | None,
    eps: float,
    asked: tuple[bool, bool],
    seed: int,
    values: Values,
    scale_and_spread: tuple[int, int],
    conditioning: int,
    *,
    min_values: int,
) -> Case:
    mode, affine = mode_and_affine
    return Case(
        shape=_shape(*rank_and_stretch, batch, channels, extents, min_values),
        dtype=formats[0],
        param_dtype=formats[1],
        layout=layout,
        training=mode[0],
        tracked=mode[1],
        affine=affine,
        momentum=momentum,
        eps=eps,
        gradient=asked[0],
        fresh=asked[1],
        recipe=Recipe(
            seed=seed,
            values=values,
            scale=scale_and_spread[0],
            conditioning=conditioning,
            spread=scale_and_spread[1],
        ),
    )


def _shape(
    rank: int,
    stretch: int,
    batch: int,
    channels: int,
    extents: tuple[int, ...],
    min_values: int,
) -> tuple[int, ...]:
    spatial = list(extents[: rank - 2])
    if spatial:
        spatial[-1] *= stretch
    else:
        batch *= stretch
    if batch * prod(spatial) < min_values:
        batch = min_values
    channels = min(channels, max(1, _LARGEST // max(1, batch * prod(spatial))))
    return (batch, channels, *spatial)


def _format_pairs(dtype: str) -> list[tuple[str, str]]:
    half = format_of(dtype).unit > format_of("float32").unit
    return [(dtype, dtype), (dtype, "float32")] if half else [(dtype, dtype)]


def _first(plainest: T, others: Sequence[T]) -> tuple[T, ...]:
    return (plainest, *(other for other in others if other != plainest))
