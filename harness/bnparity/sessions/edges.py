"""A few fixed questions at the edges of what a layer can be asked, each answered in a word."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from bnparity_reference import Dialect
from numpy.typing import NDArray

from bnparity.backends import Arrays, Ask, Name, opened
from bnparity.cases import Case, Recipe, declaration, make_inputs, worst_conditioning
from bnparity.judging import CaseResult, run_case, settings_of
from bnparity.sessions.plan import Plan


def questions(plain: Case) -> dict[str, Case]:
    """Return what is asked, by what stands in a table: `plain` but for one thing."""
    return {
        "empty batch": replace(plain, shape=(0, 3, 4, 4)),
        "one value": replace(plain, shape=(1, 3, 1, 1)),
        "NaN in one channel": replace(plain, recipe=Recipe(values="nan")),
        "no variance": replace(plain, recipe=Recipe(values="constant")),
        "eps below 0": replace(plain, eps=-1e-3),
        "eps above 1": replace(plain, eps=2.0),
    }


def edges_of(name: Name) -> dict[str, str]:
    """Return how a backend answers at each edge, and how far from zero its data may be.

    A backend that is not available has no answers.
    """
    with opened(name) as backend:
        if backend.ask is None:
            return {}
        declared = declaration(Plan().dialect_of(backend.capabilities))
        told: dict[str, Any] = {"momentum": declared.default_momentum, "eps": declared.default_eps}
        plain = Case(shape=(16, 3, 4, 4), gradient=False, **told)
        answers = {
            edge: in_a_word(run_case(backend.ask, case, declared.dialect))
            for edge, case in questions(plain).items()
        }
        answers |= {what: _taken(backend.ask, plain, found) for what, found in _MISFITS.items()}
        return {**answers, "mean/std survived": _survived(backend.ask, plain, declared.dialect)}


#: What does not fit the data, made of the arrays of a call.
_MISFITS: Mapping[str, Callable[[Arrays], Arrays]] = MappingProxyType(
    {
        "parameters in float64": lambda a: _each(a, ("weight", "bias"), lambda p: p.astype("f8")),
        "parameters of two axes": lambda a: _each(a, ("weight", "bias"), lambda p: p.reshape(1, 3)),
        "statistics of no size": lambda a: _each(
            a, ("running_mean", "running_var"), lambda s: s[:0]
        ),
    }
)


def _each(arrays: Arrays, names: tuple[str, ...], changed: Callable[[Any], Any]) -> Arrays:
    return {**arrays, **{name: changed(arrays[name]) for name in names}}


def _taken(ask: Ask, plain: Case, misfit: Callable[[Arrays], Arrays]) -> str:
    """Return what becomes of a call with what does not fit; nothing if it cannot be asked."""
    fault = ask(misfit(vars(make_inputs(plain))), settings_of(plain)).fault
    if fault is None or fault.kind == "contract":
        return "taken"
    return {"unsupported": "", "error": "refused"}.get(fault.kind, fault.kind)


def in_a_word(case_result: CaseResult) -> str:
    """Return what came: finite numbers, which of them are not, or why none came."""
    if case_result.fault is not None:
        kinds = {"error": "refused", "unsupported": "refused"}
        return kinds.get(case_result.fault.kind, case_result.fault.kind)
    finite = {name: _by_channel(name, array) for name, array in case_result.outputs.items()}
    wrong = [f"{name} {f.count(False)} of {len(f)}" for name, f in finite.items() if not all(f)]
    return f"not finite: {', '.join(wrong)}" if wrong else "finite"


def _by_channel(name: str, array: NDArray[Any]) -> list[bool]:
    """Return which channels are finite."""
    channels = np.moveaxis(array, 1, 0) if name == "output" else array
    return [bool(np.isfinite(channel).all()) for channel in channels]


def _survived(ask: Ask, plain: Case, dialect: Dialect) -> str:
    """Return the largest mean of so many standard deviations at which no output is wrong."""
    survived = "none"
    for exponent in range(worst_conditioning(plain.dtype) + 1):
        case_result = run_case(ask, replace(plain, recipe=Recipe(conditioning=exponent)), dialect)
        if case_result.fault is not None or case_result.failed:
            return survived
        survived = f"1e{exponent}"
    return survived
