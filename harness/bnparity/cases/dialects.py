"""A dialect is stated in words: a framework's name, conventions as ``FIELD=VALUE``, or both.

The text is what identifies a dialect everywhere: in a command, in results, in a campaign's state.
"""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from types import UnionType
from typing import Any, get_args, get_type_hints

from bnparity_reference import Dialect

from bnparity.backends import UsageError, did_you_mean
from bnparity.cases.declared import Declaration
from bnparity.cases.frameworks import FRAMEWORKS

#: Defaults of layers that can be stated beside conventions.
_DEFAULTS = ("default_eps", "default_momentum")

#: What leaves another convention nothing to say, if both are stated.
_CONTRADICTIONS = (
    ("eps_value", "eps"),
    ("eps_value", "eps_floor"),
    ("momentum_value", "momentum_none"),
)


@cache
def declaration(text: str) -> Declaration:
    """Return the declaration that `text` states.

    Parameters
    ----------
    text
        ``"NAME"``, ``"NAME,FIELD=VALUE,..."``, or ``"FIELD=VALUE,..."``, which changes PyTorch's.
        A field is one of `bnparity_reference.Dialect`, ``default_eps`` or ``default_momentum``.

    Raises
    ------
    UsageError
        If there is no such name, field or value, or if two of them contradict each other.

    Examples
    --------
    >>> declaration("torch,running_variance=biased").dialect.running_variance
    'biased'
    """
    first, *others = text.split(",")
    words = [first, *others] if "=" in first else others
    base = FRAMEWORKS["torch"] if "=" in first else _framework(first.strip())
    return _changed(base, _stated(words, text)) if words else base


def momentum_of_batch_alone(dialect: Dialect) -> float:
    """Return the momentum that leaves nothing of the old running statistics."""
    return 1.0 if dialect.momentum == "new" else 0.0


def dialect_text(base: str, changes: Mapping[str, object]) -> str:
    """Return the text that states `changes` of the dialect that `base` states.

    Examples
    --------
    >>> dialect_text("torch,momentum=old", {"momentum": "new", "eps_value": 1e-6})
    'torch,momentum=new,eps_value=1e-06'
    """
    first, *others = base.split(",")
    words = [first, *others] if "=" in first else others
    stated = [word.split("=", 1) for word in words]
    merged: dict[str, object] = {**dict(stated), **changes}
    texts = [f"{field}={value_text(value)}" for field, value in merged.items()]
    return ",".join(texts if "=" in first else [first, *texts])


def value_text(value: object) -> str:
    """Return a value of a convention as it is written."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def _framework(name: str) -> Declaration:
    if name not in FRAMEWORKS:
        known, hint = ", ".join(FRAMEWORKS), did_you_mean(name, FRAMEWORKS)
        raise UsageError(
            f"{name!r} is not a dialect bnparity knows: choose from {known}, "
            f"or state conventions, such as torch,running_variance=biased{hint}"
        )
    return FRAMEWORKS[name]


def _stated(words: list[str], text: str) -> dict[str, Any]:
    """Return the fields that `words` state, and their values."""
    stated: dict[str, Any] = {}
    for word in words:
        field, sign, value = (part.strip() for part in word.partition("="))
        if not sign:
            raise UsageError(
                f"{word!r} in the dialect {text!r} is no convention: write FIELD=VALUE"
            )
        if field in stated:
            raise UsageError(f"the dialect {text!r} states {field} twice: state it once")
        stated[field] = _value(field, value)
    for one, other in _CONTRADICTIONS:
        if one in stated and other in stated:
            raise UsageError(f"{one} leaves {other} nothing to say in {text!r}: state one of them")
    return stated


def _value(field: str, text: str) -> str | float | None:
    """Return the value of `field` that is written as `text`."""
    known = _choices()
    if field not in known:
        names, hint = ", ".join(known), did_you_mean(field, known)
        raise UsageError(f"{field!r} is not a convention: choose from {names}{hint}")
    choices = known[field]
    if text in choices:
        return None if text == "None" else text
    try:
        number = float(text)
    except ValueError:
        number = None
    if float in choices and number is not None and 0.0 <= number < float("inf"):
        return number
    names = ", ".join("a number from 0" if c is float else str(c) for c in choices)
    hint = did_you_mean(text, [c for c in choices if isinstance(c, str)])
    raise UsageError(f"{field}={text} is not a value of this convention: choose from {names}{hint}")


@cache
def _choices() -> dict[str, tuple[object, ...]]:
    """Return what each field may be: words, or `float` for numbers."""
    hints = get_type_hints(Dialect)
    choices = {field.name: _of_type(hints[field.name]) for field in fields(Dialect)}
    return {**choices, **dict.fromkeys(_DEFAULTS, (float,))}


def _of_type(hint: Any) -> tuple[object, ...]:
    if hint is float:
        return (float,)
    if hint is type(None):
        return ("None",)
    if isinstance(hint, UnionType):
        return tuple(choice for part in get_args(hint) for choice in _of_type(part))
    return get_args(hint)


def _changed(base: Declaration, stated: Mapping[str, Any]) -> Declaration:
    """Return `base` with what is stated; a momentum the other way round has the other default."""
    defaults = {name: stated[name] for name in _DEFAULTS if name in stated}
    dialect = replace(base.dialect, **{k: v for k, v in stated.items() if k not in _DEFAULTS})
    if dialect.momentum != base.dialect.momentum:
        defaults.setdefault("default_momentum", round(1.0 - base.default_momentum, 12))
    return replace(base, dialect=dialect, **defaults)
