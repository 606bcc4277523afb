"""Cases that are plainer than another in one respect: what a search by size leaves odd.

A search that makes choices smaller one by one may not get from one odd choice past the next to the
plain one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from bnparity.cases.case import Case

#: What is tried in turn, each as the case is by then: fields of the case and of its recipe.
_OF_CASE: tuple[Mapping[str, Any], ...] = (
    {"history": ()},
    {"reused": False},
    {"calls": 1},
    {"calls": 2},
    {"threads": None},
    {"statistics_gradients": False},
    {"mask": "none"},
    {"mask": "all"},
    {"mask": "positions"},
    {"layout": "contiguous", "grad_layout": "contiguous"},
    *(
        {f"{name}layout": "contiguous"}
        for name in ("", "grad_", "weight_", "bias_", "running_mean_", "running_var_")
    ),
)
_OF_RECIPE: tuple[Mapping[str, Any], ...] = (
    {"special": "none", "special_in": "weight"},
    {"spread": 0},
    {"conditioning": -1},
    {"scale": 0},
)


def plainer(case: Case) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Yield changes of fields, of the case and of its recipe, each of which may make it plainer."""
    yield from ((change, {}) for change in _OF_CASE)
    if case.recipe.values != "exact":  # what else such data depend on makes them exact
        yield from (({}, change) for change in _OF_RECIPE)


def with_changes(case: Case, of_case: Mapping[str, Any], of_recipe: Mapping[str, Any]) -> Case:
    """Return `case` with these fields of its own and of its recipe.

    Examples
    --------
    >>> with_changes(Case(calls=2), {"calls": 1}, {}) == Case()
    True
    """
    if of_case.get("calls", 0) > case.calls or (case.mask == "none" and "mask" in of_case):
        return case
    return replace(case, **of_case, recipe=replace(case.recipe, **of_recipe))
