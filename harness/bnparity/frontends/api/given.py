"""A backend as Python has it at hand: its name, or a function that is one itself."""

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeAlias

from bnparity.backends import Name, Opened, UsageError, format_of, opened_here, parse
from bnparity.cases import declaration
from bnparity.frontends.commands.parsing import positive
from bnparity.sessions import Plan

#: A backend as a test or a notebook has it at hand.
Given: TypeAlias = Callable[..., Any] | str


def given(backend: Given, at_hand: Mapping[str, Opened]) -> tuple[Name, Opened]:
    """Return a backend's name, and it itself, opened; one that is named may be `at_hand`."""
    if isinstance(backend, str):
        return parse(backend), at_hand[backend]
    return name_of(backend), opened_here(backend)


def asked_of(
    plan: Plan,
    *,
    examples: int | None = None,
    dtypes: Sequence[str] | None = None,
    dialect: str | None = None,
    seed: int | None = None,
) -> Plan:
    """Return `plan` but for what the caller asks itself."""
    if dialect is not None:
        declaration(dialect)
    return replace(
        plan,
        examples=plan.examples if examples is None else number_of_cases(examples),
        dtypes=plan.dtypes if dtypes is None else tuple(map(_format, each_of(dtypes))),
        dialect=dialect or plan.dialect,
        seed=plan.seed if seed is None else whole("seed", seed),
    )


def number_of_cases(examples: object) -> int:
    """Return a number of cases; a `UsageError` if it is none."""
    return positive("examples", whole("examples", examples))


def whole(argument: str, value: object) -> int:
    """Return a whole number; a `UsageError` that names the `argument` if it is none."""
    if not isinstance(value, Integral):
        raise UsageError(f"{argument} {value!r}: give a whole number")
    return int(value)


def number(argument: str, value: object) -> float:
    """Return a number; a `UsageError` that names the `argument` if it is none."""
    if not isinstance(value, Real):
        raise UsageError(f"{argument} {value!r}: give a number")
    return float(value)


def each_of(words: Collection[str]) -> list[str]:
    """Return words; one may stand alone."""
    if isinstance(words, str):
        return [words]
    if not isinstance(words, Iterable):
        raise UsageError(f"{words!r} where words are expected: give one, or a list of them")
    return list(words)


def _format(name: object) -> str:
    return format_of(str(name)).name


def name_of(function: Callable[..., Any]) -> Name:
    """Return the name that a function is judged and reported by: its file and its own.

    A file that is not below the current folder keeps its whole path. What has no file is called by
    its module.
    """
    shown = inspect.unwrap(function)
    own = getattr(shown, "__qualname__", type(shown).__qualname__)
    try:
        file = Path(inspect.getsourcefile(shown) or "").resolve()
    except TypeError:
        file = Path()  # an object: its class has a file, and it has none
    if not file.is_file():
        text = f"{getattr(shown, '__module__', 'object')}:{own}"
        return Name(text=text, base=text, target=text)
    here = Path.cwd()
    place = file.relative_to(here) if file.is_relative_to(here) else file
    text = f"{place}:{own}"
    return Name(text=text, base=text, target=text)
