"""Hypothesis strategies for cases: every dimension on which implementations have been seen to fail.

Each ``sampled_from`` begins with the plainest choice, the one that a failing case shrinks to. All
choices are drawn as one flat tuple, which takes a third of the time of a composite strategy.
"""

from collections.abc import Sequence
from math import prod
from typing import TypeVar, get_args

from hypothesis import strategies as st

from bnparity.case import Affine, Case, Layout, Recipe, Values
from bnparity.dialects import Declaration
from bnparity.formats import format_of

T = TypeVar("T")

#: Ranks that BatchNorm1d, BatchNorm2d and BatchNorm3d take between them.
RANKS = (2, 3, 4, 5)

_BATCHES = (2, 1, 3, 4, 5, 8, 17)
_CHANNELS = (1, 2, 3, 4, 5, 7, 8, 16, 33)
_EXTENTS = (1, 2, 3, 4, 5, 7, 8)
# One case in eight is long: an error that grows with n shows there.
_STRETCHES = (1, 1, 1, 1, 1, 1, 1, 32)
_EPSILONS = (1e-5, 1e-3, 1e-12, 1e-8, 1e-1, 1.0)
# In pairs m, 1 - m, so that a momentum read the wrong way round is never a fixed point.
_MOMENTA = (0.1, 0.9, 0.25, 0.75, 0.01, 0.99, 1.0, 0.0)
_VALUES: tuple[Values, ...] = ("normal", "normal", "normal", "integers", "outlier", "constant")
_SCALES = (0, -1, 1, -2, 2, -3, 3, -6, 6)
_CONDITIONINGS = (-1, 0, 1, 2, 3, 4, 5, 6, 7)
_SPREADS = (0, 0, 1, 3, 6)
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
        The least number of values a channel.
    """
    momenta: tuple[float | None, ...] = _first(declared.default_momentum, _MOMENTA)
    if declared.dialect.momentum_none == "cumulative":
        momenta = (*momenta, None)
    extents = st.sampled_from(_EXTENTS)
    shapes = st.tuples(
        st.sampled_from(tuple(ranks)),
        st.sampled_from(_BATCHES),
        st.sampled_from(_CHANNELS),
        extents,
        extents,
        extents,
        st.sampled_from(_STRETCHES),
    ).map(lambda drawn: _shape(*drawn, min_values=min_values))
    return st.builds(
        _case,
        shape=shapes,
        formats=st.sampled_from([pair for name in dtypes for pair in _format_pairs(name)]),
        layout=st.sampled_from(get_args(Layout)),
        mode=st.sampled_from(declared.modes),
        affine=st.sampled_from(declared.affines),
        momentum=st.sampled_from(momenta),
        eps=st.sampled_from(_first(declared.default_eps, _EPSILONS)),
        gradient=st.sampled_from((True, True, True, False)),
        fresh=st.sampled_from((False, False, False, True)),
        recipe=st.builds(
            Recipe,
            seed=st.integers(0, _SEEDS),
            values=st.sampled_from(_VALUES),
            scale=st.sampled_from(_SCALES),
            conditioning=st.sampled_from(_CONDITIONINGS),
            spread=st.sampled_from(_SPREADS),
        ),
    )


def _case(
    *,
    shape: tuple[int, ...],
    formats: tuple[str, str],
    layout: Layout,
    mode: tuple[bool, bool],
    affine: Affine,
    momentum: float | None,
    eps: float,
    gradient: bool,
    fresh: bool,
    recipe: Recipe,
) -> Case:
    return Case(
        shape=shape,
        dtype=formats[0],
        param_dtype=formats[1],
        layout=layout,
        training=mode[0],
        tracked=mode[1],
        affine=affine,
        momentum=momentum,
        eps=eps,
        gradient=gradient,
        fresh=fresh,
        recipe=recipe,
    )


def _shape(
    rank: int, batch: int, channels: int, *extents_and_stretch: int, min_values: int
) -> tuple[int, ...]:
    *extents, stretch = extents_and_stretch
    spatial = extents[: rank - 2]
    if spatial:
        spatial[-1] *= stretch
    else:
        batch *= stretch
    if batch * prod(spatial) < min_values:
        batch = min_values
    channels = min(channels, max(1, _LARGEST // (batch * prod(spatial))))
    return (batch, channels, *spatial)


def _format_pairs(dtype: str) -> list[tuple[str, str]]:
    half = format_of(dtype).unit > format_of("float32").unit
    return [(dtype, dtype), (dtype, "float32")] if half else [(dtype, dtype)]


def _first(plainest: T, others: Sequence[T]) -> tuple[T, ...]:
    return (plainest, *(other for other in others if other != plainest))
