"""Cases made for a rule: in the condition that it speaks of, and outside of it.

Fields that the condition speaks of are taken over from a case that meets it, or does not; the rest
is that of other cases.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, TypeAlias

from bnparity_reference import Dialect

from bnparity.cases import Case, Recipe, well_conditioned_cases, worst_conditioning
from bnparity.diagnosis.conditions import EVERYWHERE, FEATURES, Condition
from bnparity.judging import CaseResult

#: Puts a case to the backend.
Put: TypeAlias = Callable[[Case], CaseResult]

#: How many cases are made for each side of a condition.
EACH_SIDE = 12
#: How many times the values of an ordinary case are many.
MANY_TIMES = 1024
#: How many channels there are of one value each.
MANY_CHANNELS = 8


def ordinary(where: Condition, like: Sequence[Case], dialect: Dialect) -> list[Case]:
    """Return ordinary cases in the formats of the cases in `like`, as these meet `where`.

    Those that meet it as they are stay as they are: a case that failed may have a size at which
    something else goes wrong, and is followed in what the condition asks alone.
    """
    model = next((case for case in like if where.holds(case)), None)
    if model is None:
        return []
    plain = [placed(case, model, EVERYWHERE) for case in well_conditioned_cases(like, dialect)]
    made = (case if where.holds(case) else placed(case, model, where) for case in plain)
    return [case for case in made if where.holds(case)]


def beside(where: Condition, inside: Sequence[Case], others: Sequence[Case]) -> list[Case]:
    """Return cases that meet `where` like those of `inside`, and cases that just do not.

    Everywhere is met by the cases of `inside` with other data, and by calls that ask for something
    else: gradients where there were none, or no parameters.
    """
    if where == EVERYWHERE:
        met = inside[:EACH_SIDE]
        same = [_with_other_data(case, turn) for turn, case in enumerate(met)]
        return [*same, *(_asked_otherwise(case, turn) for turn, case in enumerate(met))]
    out = [case for case in others if not where.holds(case)]
    within = (_moved(case, model, where) for case, model in _crossed(others, inside))
    without = (_moved(case, model, where) for case, model in _crossed(inside, out))
    return [
        *islice((case for case in within if where.holds(case)), EACH_SIDE),
        *islice((case for case in without if not where.holds(case)), EACH_SIDE),
    ]


def placed(case: Case, model: Case, where: Condition) -> Case:
    """Return `case` with the fields of `model` that `where` speaks of."""
    names = {name for atom in where.atoms for name in FEATURES[atom.feature].fields}
    taken = {name: getattr(model, name) for name in names if name != "recipe"}
    if "recipe" in names:
        recipe = replace(case.recipe, values=model.recipe.values, scale=model.recipe.scale)
        taken["recipe"] = replace(recipe, spread=model.recipe.spread)
    return _possible(replace(case, **taken))


def with_recipe(case: Case, recipe: Mapping[str, Any]) -> Case:
    """Return `case` with these fields of its recipe."""
    return replace(case, recipe=replace(case.recipe, **recipe))


def of_one_value(case: Case) -> Case:
    """Return a case of one value a channel, which only inference has."""
    shape = (1, MANY_CHANNELS, *(1,) * (len(case.shape) - 2))
    return replace(case, shape=shape, training=False, tracked=True, history=())


def of_many_values(case: Case) -> Case:
    """Return a case of many times as many values."""
    return replace(case, shape=(case.shape[0] * MANY_TIMES, *case.shape[1:]))


def _asked_otherwise(case: Case, turn: int) -> Case:
    """Return a case of the same data with another call: with or without gradient, or affine."""
    if turn % 2:
        return replace(case, affine="none" if case.affine == "both" else "both")
    return _possible(replace(case, gradient=not case.gradient))


def _moved(case: Case, model: Case, where: Condition) -> Case:
    return _with_other_data(placed(case, model, where), 1)


def _with_other_data(case: Case, turn: int) -> Case:
    seed = (case.recipe.seed + 7919 * (turn + 1)) % 2**16
    return replace(case, recipe=replace(case.recipe, seed=seed))


def _possible(case: Case) -> Case:
    """Return `case` without what no call of its mode and formats has."""
    worst = worst_conditioning(case.dtype)
    recipe: Recipe = replace(case.recipe, conditioning=min(case.recipe.conditioning, worst))
    return replace(
        case,
        recipe=recipe,
        history=case.history if case.tracked else (),
        eps=case.eps or 1e-5,
        grad_layout=case.grad_layout if case.gradient else "contiguous",
        statistics_gradients=case.statistics_gradients and case.gradient and case.tracked,
    )


def _crossed(cases: Sequence[Case], models: Sequence[Case]) -> Iterator[tuple[Case, Case]]:
    """Yield each case with a model, these in turn; no model, no pair."""
    for turn, case in enumerate(cases if models else ()):
        yield case, models[turn % len(models)]
