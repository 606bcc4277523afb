"""What a case asks rarely: other layouts, calls before and after, one odd argument.

One choice decides on all that is rare of a kind, and says none of it most times. There are about
200 to choose from, not thousands: from many choices Hypothesis draws the first ones too often.
"""

from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import TypeAlias, get_args

from bnparity.cases.case import Argument, Case, Layout, ParamLayout, Special, Step
from bnparity.cases.declared import Declaration

#: Of the data: the gradient alone may be one number, as that of a sum is.
DATA_LAYOUTS: tuple[Layout, ...] = tuple(a for a in get_args(Layout) if a != "scalar")
#: Of grad_output: None is that of the data, the last one to shrink to because it says two things.
GRAD_LAYOUTS: tuple[Layout | None, ...] = (*get_args(Layout), *(None,) * 11)

#: So many equal calls show a race of 1 in 50 in two cases of five. They are of small data.
MANY_CALLS = 25
_MOST_REPEATED = 2**15
#: A case with more elements has no history.
_MOST_WITH_HISTORY = 2**12

_STEP_BATCHES = ((4,), (1,), (7,), (4, 7), (7, 1), (4, 1, 7))
_HISTORIES = [
    tuple(Step(training=mode, batch=batch) for mode, batch in zip(modes, batches, strict=True))
    for batches in _STEP_BATCHES
    for modes in product((True, False), repeat=len(batches))
]


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What is asked beyond one call; see `bnparity.cases.Case`."""

    calls: int = 1
    reused: bool = False
    history: tuple[Step, ...] = ()
    threads: int | None = None


#: One case in 17 is repeated, one in 20 in memory used before, one in ten has a history, one in
#: sixteen sets threads.
OCCASIONS: tuple[Occasion, ...] = (
    *[Occasion()] * 150,
    *[Occasion(calls=2)] * 8,
    *[Occasion(calls=MANY_CALLS)] * 3,
    *[Occasion(reused=True)] * 10,
    Occasion(calls=MANY_CALLS, reused=True),
    *[Occasion(threads=threads) for threads in (1, 2) for _ in range(7)],
    *[Occasion(history=history) for history in _HISTORIES],
)


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """What is odd about an argument: a special value in one, or layouts of the parameters.

    ``layouts`` are those of weight, bias, running mean and running variance.
    """

    special: Special = "none"
    special_in: Argument = "weight"
    layouts: tuple[ParamLayout, ...] = ("contiguous",) * 4


_Odd: TypeAlias = tuple[Special, Argument]
_ANYWHERE: tuple[Special, ...] = ("zero", "tiny", "huge", "nan", "infinite")
_EACH_ODD: tuple[_Odd, ...] = tuple(product(_ANYWHERE, get_args(Argument)))
_OFTEN_ODD: tuple[_Odd, ...] = (
    ("zero", "weight"),
    ("zero", "running_var"),
    ("negative", "running_var"),
    ("nan", "grad_output"),
)
_ODD: tuple[_Odd, ...] = (
    *_EACH_ODD,
    *_OFTEN_ODD * 2,
    ("zero", "weight"),
    ("negative", "running_var"),
)
_STRIDED: tuple[ParamLayout, ...] = get_args(ParamLayout)[1:]
_OTHER_LAYOUTS: tuple[tuple[ParamLayout, ...], ...] = (
    *[
        tuple(layout if place == of else "contiguous" for place in range(4))
        for layout in _STRIDED
        for of in range(4)
    ],
    *[(layout,) * 4 for layout in _STRIDED],
)
#: One case in six has an odd argument, one in eight odd layouts of parameters.
ODDITIES: tuple[Oddity, ...] = (
    *[Oddity()] * 120,
    *[Oddity(special=special, special_in=argument) for special, argument in _ODD],
    *[Oddity(layouts=layouts) for layouts in _OTHER_LAYOUTS],
)


def fitting(
    case: Case, occasion: Occasion, oddity: Oddity, min_values: int, declared: Declaration
) -> Case:
    """Return `case` with as much of an occasion and of an oddity as means anything in it."""
    case = _with_odd_argument(case, oddity, declared)
    elements = prod(case.shape)
    keeps_history = case.tracked and elements <= _MOST_WITH_HISTORY
    arguments = _arguments(case)
    there = [name in arguments for name in ("weight", "bias", "running_mean", "running_var")]
    weight, bias, mean, var = (
        layout if given else "contiguous"
        for given, layout in zip(there, oddity.layouts, strict=True)
    )
    is_odd = oddity.special_in in arguments
    # The inverse root of a variance that is 0, or flushed to it, takes an eps.
    needs_eps = is_odd and oddity.special_in == "running_var" and oddity.special != "none"
    return replace(
        case,
        weight_layout=weight,
        bias_layout=bias,
        running_mean_layout=mean,
        running_var_layout=var,
        eps=case.eps or (declared.default_eps if needs_eps else 0.0),
        recipe=replace(case.recipe, special=oddity.special, special_in=oddity.special_in)
        if is_odd
        else case.recipe,
        calls=min(occasion.calls, max(2, _MOST_REPEATED // max(1, elements))),
        reused=occasion.reused,
        history=_steps(occasion.history, prod(case.shape[2:]), min_values) if keeps_history else (),
        threads=occasion.threads,
    )


def _with_odd_argument(case: Case, oddity: Oddity, declared: Declaration) -> Case:
    """Return `case` with the argument that is to be odd: half of all would have none to be odd."""
    odd = oddity.special_in
    if oddity.special == "none":
        return case
    if odd in {"weight", "bias"} and "both" in declared.affines:
        return replace(case, fresh=False, affine=case.affine if case.affine == odd else "both")
    if odd in {"running_mean", "running_var"}:
        # Only inference takes the root of a running variance.
        training = case.training and oddity.special != "negative"
        if (training, True) in declared.modes:
            return replace(case, fresh=False, training=training, tracked=True)
    return case


def _arguments(case: Case) -> set[str]:
    """Return which arguments, the data aside, a case has that are not all fresh."""
    names = {"grad_output"} if case.gradient else set()
    if case.fresh:
        return names
    names |= {"weight", "bias"} if case.affine == "both" else {case.affine}
    return names | ({"running_mean", "running_var"} if case.tracked else set())


def _steps(history: tuple[Step, ...], spatial: int, min_values: int) -> tuple[Step, ...]:
    """Return `history` with batches large enough for `min_values` a channel."""
    return tuple(
        step if step.batch * spatial >= min_values else replace(step, batch=min_values)
        for step in history
    )
