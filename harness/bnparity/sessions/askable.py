"""The cases that a backend can be asked: those of its dialect, less what it cannot be told."""

from dataclasses import replace
from typing import Any

from hypothesis.strategies import SearchStrategy

from bnparity.backends import Capabilities
from bnparity.cases import Case, Declaration, cases
from bnparity.sessions.plan import Plan, least_values


def askable_cases(
    declared: Declaration, capabilities: Capabilities, plan: Plan
) -> SearchStrategy[Case]:
    """Return a strategy for the cases of a dialect that a backend can be asked by a plan.

    A setting that it cannot be told has the dialect's default, which it is then to compute with.
    """
    modes = tuple(mode for mode in declared.modes if mode[1] in capabilities.tracked)
    affines = tuple(affine for affine in declared.affines if affine in capabilities.affines)
    strategy = cases(
        replace(
            declared,
            modes=modes or declared.modes,
            affines=affines or declared.affines,
        ),
        dtypes=plan.dtypes_of(capabilities),
        formats=capabilities.formats,
        ranks=capabilities.ranks,
        min_values=least_values(capabilities),
        momentum_none=capabilities.momentum_none,
        max_elements=plan.max_elements,
    )
    defaults = {"eps": declared.default_eps, "momentum": declared.default_momentum}
    fixed: dict[str, Any] = {name: defaults[name] for name in capabilities.fixed}
    if not fixed and not capabilities.channels:
        return strategy  # which is cheaper to draw from
    return strategy.map(lambda case: _as_fixed(case, fixed, capabilities.channels))


def _as_fixed(case: Case, fixed: dict[str, Any], channels: int) -> Case:
    batch, drawn, *spatial = case.shape
    return replace(case, shape=(batch, channels or drawn, *spatial), **fixed)
