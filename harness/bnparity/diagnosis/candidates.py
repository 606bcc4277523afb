"""What a backend may do instead: changes of its dialect, and the outputs in which each can show.

A convention with a few values offers them all; one whose values are without number has a solver,
which reads them off what the backend returned.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TypeAlias

from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect
from bnparity_reference.dialect import OF_MASKS, OF_STATISTICS_GRADIENTS

from bnparity.cases import FRAMEWORKS, Case
from bnparity.diagnosis.readings import Readings
from bnparity.diagnosis.solvers import constant_eps, constant_momentum
from bnparity.judging import CaseResult

Evidence: TypeAlias = Sequence[CaseResult]

#: A convention, and its value instead; the values are of as many types as there are fields.
Change: TypeAlias = tuple[str, Any]
Changes: TypeAlias = tuple[Change, ...]

#: Returns the values of a convention that some outputs speak for.
Solve: TypeAlias = Callable[[Evidence, Readings], Sequence[Any]]

#: Conventions that move bounds rather than values.
OF_ACCURACY = frozenset({"variance_algorithm", "arithmetic"})

#: Formats of data that are narrower than what is computed with.
NARROW = frozenset({"float16", "bfloat16"})

#: Conventions of the forward pass that a gradient has to follow.
OF_GRADIENT = frozenset(
    {
        "eps_placement",
        "denominator",
        "normalizing_variance",
        "statistics_over",
        "train_statistics",
        "eval_statistics",
    }
)

#: The gradient that is often left as it was where the forward pass was changed.
TEXTBOOK: Change = ("gradient", "textbook")

#: Solvers of the conventions whose values cannot be listed.
SOLVERS: Mapping[str, Solve] = MappingProxyType(
    {"momentum_value": constant_momentum, "eps_value": constant_eps}
)

_AVERAGES = frozenset({"running_mean", "running_var"})
_NORMALIZED = frozenset({"output", "grad_input", "grad_weight"})
#: Conventions that say which statistics normalise.
_OF_STATISTICS = ("train_statistics", "eval_statistics", "grad_statistics")
_SHOWS_IN: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "momentum": _AVERAGES,
        "momentum_value": _AVERAGES,
        "running_average": _AVERAGES,
        "updates_per_call": _AVERAGES,
        "running_statistics": _AVERAGES | _NORMALIZED,
        "running_variance_about": frozenset({"running_var"}),
        "stored_variance": frozenset({"running_var"}) | _NORMALIZED,
        "running_update": _AVERAGES,
        "empty_batch": _AVERAGES,
        "running_variance": frozenset({"running_var"}),
        "normalizing_variance": _NORMALIZED,
        "eps_placement": _NORMALIZED,
        "denominator": _NORMALIZED,
        "eps_value": _NORMALIZED | {"running_var"},  # where an inverse deviation is stored
        "eps": _NORMALIZED,
        "eps_floor": _NORMALIZED,
        "train_statistics": _NORMALIZED,
        "eval_statistics": _NORMALIZED,
        "negative_variance": _NORMALIZED,
        "weight": _NORMALIZED,
        "bias": frozenset({"output"}),
        "variance_algorithm": _NORMALIZED | {"running_var"},
        "grad_statistics": frozenset({"grad_input", "grad_weight"}),
        "gradient": frozenset({"grad_input", "grad_weight"}),
        "parameter_gradients": frozenset({"grad_weight", "grad_bias"}),
        "statistics_gradient": frozenset({"grad_input"}),
    }
)

#: What shows in more outputs where statistics normalise that a batch has entered.
_BY_UPDATED: Mapping[str, frozenset[str]] = MappingProxyType({"running_variance": _NORMALIZED})

#: The values of all conventions, those that show in calls with more than most have among them.
KNOWN: Mapping[str, tuple[Any, ...]] = MappingProxyType(
    {**CONVENTIONS, **OF_MASKS, **OF_STATISTICS_GRADIENTS}
)


def shows_in(field: str) -> frozenset[str]:
    """Return the outputs that a convention can move: all of them, if nothing else is known."""
    return _SHOWS_IN.get(field, frozenset(OUTPUTS))


def _may_show_in(field: str) -> frozenset[str]:
    """Return the outputs that a convention can move beside some other one."""
    return shows_in(field) | _BY_UPDATED.get(field, frozenset())


def values_of(field: str, evidence: Evidence, readings: Readings) -> Sequence[Any]:
    """Return the values of a convention that are worth a try, but for the one that is declared."""
    solve = SOLVERS.get(field)
    values = [*KNOWN[field], *(() if solve is None else solve(evidence, readings))]
    return [value for value in values if value != getattr(readings.dialect, field)]


def singles(evidence: Evidence, readings: Readings, output: str) -> tuple[Change, ...]:
    """Return every change of one convention that can move the values of `output`."""
    return tuple(
        (field, value)
        for field in asked_about(evidence)
        if field not in OF_ACCURACY and output in _may_show_in(field)
        for value in values_of(field, evidence, readings)
    )


def asked_about(evidence: Evidence) -> tuple[str, ...]:
    """Return the conventions that calls like these are about."""
    masked = any(e.case.mask != "none" for e in evidence)
    through = any(e.case.statistics_gradients for e in evidence)
    of_calls = (*(OF_MASKS if masked else ()), *(OF_STATISTICS_GRADIENTS if through else ()))
    return (*of_calls, *CONVENTIONS)


def of_frameworks(dialect: Dialect, output: str) -> tuple[Changes, ...]:
    """Return what each framework does to `output` otherwise: several changes in one question.

    The fewest come first, and what is but one change is left to `singles`.
    """
    fields = [name for name in CONVENTIONS if name not in OF_ACCURACY and output in shows_in(name)]
    others = (_in_words_of(dialect, declared.dialect) for declared in FRAMEWORKS.values())
    found = dict.fromkeys(
        tuple((f, getattr(other, f)) for f in fields if getattr(other, f) != getattr(dialect, f))
        for other in others
    )
    return tuple(sorted((changes for changes in found if len(changes) > 1), key=len))


def _in_words_of(dialect: Dialect, other: Dialect) -> Dialect:
    """Return `other` with a constant momentum that weighs what that of `dialect` weighs."""
    if other.momentum_value is None or other.momentum == dialect.momentum:
        return other
    value = round(1.0 - other.momentum_value, 12)
    return replace(other, momentum=dialect.momentum, momentum_value=value)


def lenses(dialect: Dialect, like: Sequence[Case]) -> Iterator[Changes]:
    """Yield how accurate a backend may be of which cases `like` these fail.

    As it says comes first, and the coarser the later.
    """
    one_pass = [c for c in _changes(dialect, "variance_algorithm") if c[1] == "one_pass"]
    yield ()
    yield from ((change,) for change in one_pass)
    for value in arithmetics(dialect, like):
        change = ("arithmetic", value)
        yield (change,)
        yield from ((other, change) for other in one_pass)


def arithmetics(dialect: Dialect, like: Sequence[Case]) -> list[str]:
    """Return the formats in which cases `like` these may be computed instead, the likelier first.

    That of the data is one of its own if several narrow ones are among them.
    """
    narrow = {case.dtype for case in like} & NARROW
    values = [value for _, value in _changes(dialect, "arithmetic")]
    return [value for value in values if value != "data" or len(narrow) > 1]


def _changes(dialect: Dialect, field: str) -> list[Change]:
    return [(field, value) for value in values_of(field, (), Readings(dialect=dialect))]


def changed(dialect: Dialect, changes: Changes) -> Dialect:
    """Return `dialect` with `changes`."""
    return replace(dialect, **dict(changes))


def without(changes: Changes, field: str) -> Changes:
    """Return `changes` but for that of a convention."""
    return tuple(change for change in changes if change[0] != field)


def seen_in(candidate: Dialect, declared: Dialect, output: str) -> Dialect:
    """Return `candidate` without the changes that cannot show in `output`."""
    updated = "updated" in {getattr(candidate, field) for field in _OF_STATISTICS}
    shows = _may_show_in if updated else shows_in
    hidden = {field: getattr(declared, field) for field in _SHOWS_IN if output not in shows(field)}
    return replace(candidate, **hidden)
