"""The space of cases: every dimension on which implementations have been seen to fail.

Some menus are of pairs: a draw of Hypothesis costs more time than an oracle's line. What is rare is
paired so that one choice decides on all of it, and says none of it most times.
"""

from collections.abc import Sequence
from functools import cache, partial
from itertools import product
from math import log10, prod
from typing import TypeAlias, TypeVar

from bnparity.backends import format_of
from bnparity.cases.case import Affine, Case, Layout, Recipe, Values
from bnparity.cases.declared import Declaration
from bnparity.cases.exact_data import with_exact_data
from bnparity.cases.rarities import (
    DATA_LAYOUTS,
    GRAD_LAYOUTS,
    OCCASIONS,
    ODDITIES,
    Occasion,
    Oddity,
    fitting,
)
from bnparity.cases.sizes import DRAWN_ELEMENTS, PLACES, Place, edges, shape_of
from bnparity.cases.space import Space

T = TypeVar("T")

#: Of data, parameters and running statistics; None is the format of the parameters.
Formats: TypeAlias = tuple[str, str, str | None]

#: Ranks that BatchNorm1d, BatchNorm2d and BatchNorm3d take between them.
RANKS = (2, 3, 4, 5)

_BATCHES = (2, 1, 3, 4, 5, 8, 17, 0)
_FEW_CHANNELS = (1, 2, 3, 4, 5, 7, 8)
_CHANNELS = (*_FEW_CHANNELS, 16, 33, 64, 130, *_FEW_CHANNELS)  # many take their time
_EXTENTS = tuple(sorted(product((1, 2, 3, 4, 5, 7, 8), repeat=3), key=lambda e: (prod(e), e)))
# A gradient or none, fresh or far from it.
_ASKED = ((True, False),) * 9 + ((False, False),) * 3 + ((True, True),) * 3 + ((False, True),)
_EPSILONS = (1e-5, 1e-3, 1e-12, 1e-8, 1e-1, 1.0)
# In pairs m, 1 - m, so that a momentum read the wrong way round is never a fixed point.
_MOMENTA = (0.1, 0.9, 0.25, 0.75, 0.01, 0.99, 1.0, 0.0)
_COMMON: tuple[Values, ...] = ("normal", "integers", "outlier", "constant")
_RARE: tuple[Values, ...] = ("subnormal", "huge", "nan", "infinite")
_VALUES = (*_COMMON, *_RARE, *_COMMON * 2, *("normal",) * 8, *("exact",) * 4)
_SCALES_AND_SPREADS = tuple(product((0, -1, 1, -2, 2, -3, 3, -6, 6), (0, 0, 1, 6)))
_SEEDS = range(2**16)
#: The menus that make a program, by their places in those of `space_of`: formats, what makes the
#: shape, mode and parameters, momentum, eps, and whether there is a gradient.
_MODES = 8
_PROGRAM = (0, 1, 2, 3, 4, 5, _MODES, 9, 10, 11)
#: So many ordinary cases have one whose channels are as many as its last axis is long.
_SQUARE = 6
#: Of so large cases there are few: most train on exact data, in which nothing is excused.
_LARGE = 2**12


def space_of(
    declared: Declaration,
    *,
    dtypes: Sequence[str] = ("float32",),
    ranks: Sequence[int] = RANKS,
    min_values: int = 2,
    momentum_none: bool = True,
    max_elements: int = DRAWN_ELEMENTS,
) -> Space:
    """Return the cases that a backend of a dialect can be asked.

    Parameters
    ----------
    declared
        The dialect: its modes, its default eps and momentum first, momentum None and eps 0 where it
        allows them.
    dtypes
        Formats of the data; of several, float32 is that of half the cases. Half data come with half
        and with float32 parameters.
    ranks
        Numbers of axes of the data, channels included.
    min_values
        The least number of values a channel whose own statistics are taken; 0 includes empty
        batches and single values.
    momentum_none
        Whether to ask for momentum None where the dialect has it.
    max_elements
        The most elements of the data.
    """
    momenta: tuple[float | None, ...] = _first(declared.default_momentum, _MOMENTA)
    if momentum_none and declared.dialect.momentum_none == "cumulative":
        momenta = (*momenta, None)
    epsilons = _first(declared.default_eps, (*_EPSILONS, 0.0) if declared.zero_eps else _EPSILONS)
    conditionings = range(-1, 1 + max(worst_conditioning(name) for name in dtypes))
    menus = (
        _weighed(dtypes),
        [(rank, place) for place in PLACES for rank in ranks],
        edges(max_elements),
        *(_BATCHES, _CHANNELS, _EXTENTS, DATA_LAYOUTS, GRAD_LAYOUTS),
        [(mode, affine) for affine in declared.affines for mode in declared.modes],
        *(momenta, epsilons, _ASKED, _SEEDS),
        *(_VALUES, _SCALES_AND_SPREADS, conditionings, OCCASIONS, ODDITIES),
    )
    made = partial(_case, declared=declared, least=min_values, most=max_elements)
    return Space(
        menus=menus,
        made=lambda *chosen: with_exact_data(made(*chosen)),
        program=_PROGRAM,
        in_turn=[_MODES],
    )


def _case(
    formats: Formats,
    rank_and_place: tuple[int, Place],
    edge: int,
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
    occasion: Occasion,
    oddity: Oddity,
    *,
    declared: Declaration,
    least: int,
    most: int,
) -> Case:
    mode, affine = mode_and_affine
    if edge >= _LARGE and seed % 4 and (True, True) in declared.modes:
        mode, values, conditioning = (True, True), "exact", min(conditioning, 1)
    rank, place = rank_and_place
    worst = worst_conditioning(formats[0])
    # Statistics that are given serve one value as well as many.
    fewest = least if mode[0] or not mode[1] else min(least, 1)
    batch = 1 if layout == "ambiguous" and rank > 2 else max(batch, min(least, 1))
    drawn = (batch, max(channels, _least_channels(values, oddity)), *extents[: rank - 2])
    if not edge and seed % _SQUARE == 1:
        drawn = _squared(drawn)
    case = Case(
        shape=shape_of(drawn, edge, place, least=fewest, most=most),
        dtype=formats[0],
        param_dtype=formats[1],
        statistics_dtype=formats[2],
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
    )
    return fitting(case, occasion, oddity, least, declared)


def _squared(drawn: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape with as many channels as the last axis is long; items, if there are but these.

    Who takes one axis for the other is wrong there, and refuses other shapes or takes them rightly.
    """
    if len(drawn) == 2:
        return (drawn[1], drawn[1]) if min(drawn) > 1 else drawn
    return (drawn[0], drawn[-1], *drawn[2:]) if drawn[-1] > 1 else drawn


def _least_channels(values: Values, oddity: Oddity) -> int:
    """Return 2 for a NaN or an infinity: the other channel shows that it stays in its own."""
    return 2 if {values, oddity.special} & {"nan", "infinite"} else 1


def _weighed(dtypes: Sequence[str]) -> list[Formats]:
    """Return the formats of data, parameters and statistics to draw from, half of float32."""
    others = [f for name in dtypes if name != "float32" for f in formats_with(name)]
    if "float32" not in dtypes:
        return others
    return formats_with("float32") * max(1, len(others)) + others


@cache
def worst_conditioning(dtype: str) -> int:
    """Return the exponent of the largest mean / deviation that rounding leaves deviations of."""
    return int(-log10(format_of(dtype).unit))


def formats_with(dtype: str, stated: Sequence[str] = ()) -> list[Formats]:
    """Return the formats of data, parameters and statistics in which data in `dtype` are asked.

    The last is None where it is that of the parameters.

    Examples
    --------
    >>> formats_with("float16")
    [('float16', 'float16', None), ('float16', 'float32', None)]
    >>> formats_with("float16", ["float16/float16/float32"])
    [('float16', 'float16', 'float32')]
    """
    triples = [text.split("/") for text in stated]
    if own := [(p, None if s == p else s) for data, p, s in triples if data == dtype]:
        return [(dtype, parameters, statistics) for parameters, statistics in own]
    half = format_of(dtype).unit > format_of("float32").unit
    return [(dtype, dtype, None), *([(dtype, "float32", None)] if half else [])]


def _first(plainest: T, others: Sequence[T]) -> tuple[T, ...]:
    return (plainest, *(other for other in others if other != plainest))
