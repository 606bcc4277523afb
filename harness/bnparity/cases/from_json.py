"""Cases read back from JSON: somebody else's file, so every field is looked at."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from math import prod
from reprlib import repr as shortened
from typing import Any, TypeAlias, get_args

from bnparity.backends import FORMATS, UsageError
from bnparity.cases.case import (
    Affine,
    Argument,
    Case,
    Layout,
    Mask,
    ParamLayout,
    Recipe,
    Special,
    Step,
    Values,
)

#: What a field may hold, in words and as a test.
Field: TypeAlias = tuple[str, Callable[[Any], bool]]

#: The most that is believed of a file: elements of an array, axes, steps, threads, calls,
#: exponents. With as many elements a case is judged in a gigabyte; none that is drawn has more.
MOST_ELEMENTS = 2**20
MOST_AXES = 32
MOST_STEPS = 16
MOST_THREADS = 64
MOST_CALLS = 1000
MOST_EXPONENT = 100


def case_from_json(document: object) -> Case:
    """Return the case that `document` describes.

    Raises
    ------
    UsageError
        If it describes none.
    """
    case = _known_fields(_renamed(document), Case, _CASE_FIELDS)
    recipe = _known_fields(case.pop("recipe", {}), Recipe, _RECIPE_FIELDS)
    shape = tuple(case.pop("shape", (2, 1)))
    history = tuple(_step(step, shape) for step in case.pop("history", ()))
    for name in ("momentum", "eps"):
        if case.get(name) is not None:
            case[name] = float(case[name])  # JSON has integers that no array holds
    return Case(shape=shape, recipe=Recipe(**recipe), history=history, **case)


def _renamed(document: object) -> object:
    """Return a document in which an earlier version said ``repeated`` with its fields of today."""
    if not isinstance(document, Mapping) or type(document.get("repeated")) is not bool:
        return document
    kept = {name: value for name, value in document.items() if name != "repeated"}
    return {**kept, "calls": 2 if document["repeated"] else 1}


def _step(document: object, shape: tuple[int, ...]) -> Step:
    step = _known_fields(document, Step, _STEP_FIELDS)
    if missing := _STEP_FIELDS.keys() - step.keys():
        raise UsageError(
            f"a step of a history has no {min(missing)}: give {', '.join(_STEP_FIELDS)}"
        )
    if not _is_shape([step["batch"], *shape[1:]]):
        raise UsageError(f"batch of a step is {step['batch']}: with {shape[1:]} that is too many")
    return Step(**step)


def _known_fields(document: object, of: type, known: Mapping[str, Field]) -> dict[str, Any]:
    record, names = of.__name__.lower(), ", ".join(field.name for field in fields(of))
    if not isinstance(document, Mapping):
        raise UsageError(f"{shortened(document)} is not a {record}: give a JSON object")
    for name, value in document.items():
        if name not in known:
            raise UsageError(f"{shortened(name)} is not a field of a {record}: {names}")
        wanted, fits = known[name]
        if not fits(value):
            raise UsageError(f"{name} of a {record} is {shortened(value)}: give {wanted}")
    return dict(document)


def _one_of(values: tuple[str, ...]) -> Field:
    return f"one of {', '.join(values)}", lambda value: value in values


def _counts(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: type(value) is int and least <= value <= most


def _is_shape(value: object) -> bool:
    if not isinstance(value, list) or not 2 <= len(value) <= MOST_AXES:
        return False
    if not all(map(_counts(0, MOST_ELEMENTS), value)) or value[1] == 0:
        return False
    elements: int = prod(max(size, 1) for size in value)  # 0 by 10 ** 9 is large too
    return elements <= MOST_ELEMENTS


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and type(value) is not bool and abs(value) <= 1e300


_TRUTH = "true or false", lambda value: type(value) is bool
_EXPONENT = (
    f"an integer from {-MOST_EXPONENT} to {MOST_EXPONENT}",
    _counts(-MOST_EXPONENT, MOST_EXPONENT),
)

_CASE_FIELDS: Mapping[str, Field] = {
    "shape": (
        f"a list of 2 to {MOST_AXES} sizes, one channel or more, {MOST_ELEMENTS} elements at most",
        _is_shape,
    ),
    **dict.fromkeys(("dtype", "param_dtype"), _one_of(FORMATS)),
    "statistics_dtype": (
        f"one of {', '.join(FORMATS)}, or null",
        lambda value: value is None or value in FORMATS,
    ),
    **dict.fromkeys(("layout", "grad_layout"), _one_of(get_args(Layout))),
    **{
        f"{name}_layout": _one_of(get_args(ParamLayout))
        for name in ("weight", "bias", "running_mean", "running_var")
    },
    **dict.fromkeys(("training", "tracked", "gradient", "fresh", "reused"), _TRUTH),
    "statistics_gradients": _TRUTH,
    "mask": _one_of(get_args(Mask)),
    "affine": _one_of(get_args(Affine)),
    "momentum": ("a number or null", lambda value: value is None or _is_number(value)),
    "eps": ("a number, 0 or more", lambda value: _is_number(value) and value >= 0),
    "recipe": ("a JSON object", lambda value: isinstance(value, Mapping)),
    "history": (
        f"a list of up to {MOST_STEPS} steps",
        lambda value: isinstance(value, list) and len(value) <= MOST_STEPS,
    ),
    "calls": (f"a count from 1 to {MOST_CALLS}", _counts(1, MOST_CALLS)),
    "threads": (
        f"a count from 1 to {MOST_THREADS}, or null",
        lambda value: value is None or _counts(1, MOST_THREADS)(value),
    ),
}

_STEP_FIELDS: Mapping[str, Field] = {
    "training": _TRUTH,
    "batch": (f"a count, {MOST_ELEMENTS} at most", _counts(0, MOST_ELEMENTS)),
}

_RECIPE_FIELDS: Mapping[str, Field] = {
    "seed": ("a count below 2 ** 64", _counts(0, 2**64 - 1)),
    "values": _one_of(get_args(Values)),
    "special": _one_of(get_args(Special)),
    "special_in": _one_of(get_args(Argument)),
    **dict.fromkeys(("scale", "conditioning", "spread"), _EXPONENT),
}
