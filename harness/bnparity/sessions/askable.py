"""The cases that a backend can be asked: those of its dialect, less what it cannot be told.

All backends of a dialect are asked the same cases in the same order: who takes fewer is asked those
of them that it takes. One that compiles for each shape has an order of its own, the same for all
such: cases of one program stand in a row.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, partial
from math import prod
from typing import Any

from bnparity.backends import FORMATS, Capabilities
from bnparity.cases import (
    Case,
    Declaration,
    Space,
    formats_with,
    mask_asked,
    space_of,
    statistics_gradients_asked,
)
from bnparity.sessions.plan import Plan, least_values

#: Dialects of a session whose cases are remembered, and how many of each: about a kilobyte a case.
_DIALECTS, _REMEMBERED = 4, 4096


def askable(declared: Declaration, capabilities: Capabilities, plan: Plan) -> Space:
    """Return the cases of a dialect that a backend can be asked by a plan.

    A setting that it cannot be told has the dialect's default, which it is then to compute with.
    """
    whole = _whole(declared, tuple(plan.dtypes or FORMATS), plan.max_elements)
    defaults = {"eps": declared.default_eps, "momentum": declared.default_momentum}
    fixed: dict[str, Any] = {name: defaults[name] for name in capabilities.fixed}
    told = partial(_as_told, capabilities=capabilities, fixed=fixed)
    asked = whole.within(_taken_by(declared, capabilities, plan), told)
    return replace(asked, grouped=capabilities.compiles == "shape")


@lru_cache(_DIALECTS)
def _whole(declared: Declaration, dtypes: tuple[str, ...], max_elements: int) -> Space:
    """Return the cases of a dialect, each made once for all backends that are asked it."""
    space = space_of(declared, dtypes=dtypes, min_values=0, max_elements=max_elements)
    return replace(space, made=lru_cache(_REMEMBERED)(space.made))


def _taken_by(
    declared: Declaration, capabilities: Capabilities, plan: Plan
) -> Callable[[Case], bool]:
    dtypes, least = plan.dtypes_of(capabilities), least_values(capabilities)
    modes = [mode for mode in declared.modes if mode[1] in capabilities.tracked] or declared.modes
    affines = [a for a in declared.affines if a in capabilities.affines] or declared.affines

    def takes(case: Case) -> bool:
        given = case.tracked and not case.training  # statistics serve one value as well as many
        spatial = prod(case.shape[2:])
        return (
            case.dtype in dtypes
            and len(case.shape) in capabilities.ranks
            and (case.training, case.tracked) in modes
            and case.affine in affines
            and (case.momentum is not None or capabilities.momentum_none)
            and case.values_per_channel >= (min(least, 1) if given else least)
            and all(step.batch * spatial >= least for step in case.history)
        )

    return takes


def _as_told(case: Case, *, capabilities: Capabilities, fixed: dict[str, Any]) -> Case:
    """Return `case` with the channels, settings and formats that a backend has in any case."""
    if capabilities.channels:
        batch, _, *spatial = case.shape
        fixed = {**fixed, "shape": (batch, capabilities.channels, *spatial)}
    if capabilities.formats:
        stated = formats_with(case.dtype, capabilities.formats)
        _, parameters, statistics = stated[case.recipe.seed % len(stated)]
        fixed = {**fixed, "param_dtype": parameters, "statistics_dtype": statistics}
    case = replace(case, **fixed) if fixed else case
    if capabilities.takes_mask:
        mask = mask_asked(case, capabilities.takes_mask, least_values(capabilities))
        case = replace(case, mask=mask)
    if capabilities.statistics_gradients and statistics_gradients_asked(case):
        return replace(case, statistics_gradients=True)
    return case
