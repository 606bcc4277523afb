"""Cases read back from JSON: somebody else's file, so every field is looked at."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, get_args

from bnparity.case import Affine, Case, Layout, Recipe, Values
from bnparity.formats import FORMATS
from bnparity.mistakes import Mistake

#: What a field may hold, in words and as a test.
Field: TypeAlias = tuple[str, Callable[[Any], bool]]


def case_from_json(document: object) -> Case:
    """Return the case that `document` describes.

    Raises
    ------
    Mistake
        If it describes none.
    """
    case = _known_fields(document, "case", _CASE_FIELDS)
    recipe = _known_fields(case.pop("recipe", {}), "recipe", _RECIPE_FIELDS)
    return Case(shape=tuple(case.pop("shape", (2, 1))), recipe=Recipe(**recipe), **case)


def _known_fields(document: object, record: str, known: Mapping[str, Field]) -> dict[str, Any]:
    if not isinstance(document, Mapping):
        raise Mistake(f"{document!r} is not a {record}: give a JSON object")
    for name, value in document.items():
        if name not in known:
            raise Mistake(f"{name!r} is not a field of a {record}: it has {', '.join(known)}")
        wanted, fits = known[name]
        if not fits(value):
            raise Mistake(f"{name} of a {record} is {value!r}: give {wanted}")
    return dict(document)


def _one_of(values: tuple[str, ...]) -> Field:
    return f"one of {', '.join(values)}", lambda value: value in values


def _is_count(value: object) -> bool:
    return type(value) is int and value >= 0


def _is_shape(value: object) -> bool:
    return isinstance(value, list) and len(value) >= 2 and all(map(_is_count, value))


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


_TRUTH = "true or false", lambda value: type(value) is bool
_INTEGER = "an integer", lambda value: type(value) is int

_CASE_FIELDS: Mapping[str, Field] = {
    "shape": ("a list of two or more sizes", _is_shape),
    "dtype": _one_of(FORMATS),
    "param_dtype": _one_of(FORMATS),
    "layout": _one_of(get_args(Layout)),
    "training": _TRUTH,
    "tracked": _TRUTH,
    "affine": _one_of(get_args(Affine)),
    "momentum": ("a number or null", lambda value: value is None or _is_number(value)),
    "eps": ("a number", _is_number),
    "gradient": _TRUTH,
    "fresh": _TRUTH,
    "recipe": ("a JSON object", lambda value: isinstance(value, Mapping)),
}

_RECIPE_FIELDS: Mapping[str, Field] = {
    "seed": ("a count", _is_count),
    "values": _one_of(get_args(Values)),
    "scale": _INTEGER,
    "conditioning": _INTEGER,
    "spread": _INTEGER,
}
