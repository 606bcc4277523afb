"""A case in words: its mode and shape, and each setting that is not the plainest there is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import Any

from bnparity.cases.case import Case
from bnparity.cases.declared import Declaration

#: How settings are told that are not told as ``name=value``.
_WORDS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {
        "tracked": lambda _: "no running statistics",
        "affine": {
            "none": "no weight, no bias",
            "weight": "no bias",
            "bias": "no weight",
        }.__getitem__,
        "gradient": lambda _: "no gradients asked",
        "fresh": lambda _: "parameters and statistics of a new layer",
        "values": lambda values: f"{values} values",
        "special": str,
        "scale": lambda power: f"a standard deviation of 1e{power}",
        "conditioning": lambda power: f"a mean of 1e{power} standard deviations",
        "spread": lambda power: f"channels up to 1e{power} times larger",
        "calls": lambda calls: f"{calls} equal calls",
        "reused": lambda _: "memory that another call has used",
        "statistics_gradients": lambda _: "gradients by running statistics",
        "mask": {
            "positions": "a mask",
            "elements": "a mask of its own in each channel",
            "all": "a mask that leaves all values in",
            "one": "a mask that leaves one value in",
            "nothing": "a mask that leaves nothing in",
            "empty_channel": "a mask that leaves nothing of the first channel",
        }.__getitem__,
        "history": lambda steps: f"{len(steps)} calls before it",
    }
)


#: What says nothing by itself, or is told with another.
_NOT_ALONE = ("recipe", "seed", "special", "special_in")


def in_words(case: Case, declared: Declaration) -> str:
    """Return mode and shape of `case`, and its settings that are not the defaults of a layer.

    Examples
    --------
    >>> from bnparity.cases.dialects import declaration
    >>> in_words(Case(momentum=None, affine="bias"), declaration("torch"))
    'training on [2, 1] with no weight, momentum=None'
    """
    mode = f"{'training' if case.training else 'inference'} on {list(case.shape)}"
    told = [_word(name, value) for name, value in _settings(case, declared)]
    return f"{mode} with {', '.join(told)}" if told else mode


def _settings(case: Case, declared: Declaration) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each setting that is not the default."""
    plain = Case(
        shape=case.shape,
        training=case.training,
        param_dtype=case.dtype,
        momentum=declared.default_momentum,
        eps=declared.default_eps,
    )
    if case.recipe.special != "none":
        yield "special", f"{case.recipe.special} values in {case.recipe.special_in}"
    for record, default in ((case, plain), (case.recipe, plain.recipe)):
        for name in (field.name for field in fields(record)):
            value = getattr(record, name)
            if value != getattr(default, name) and name not in _NOT_ALONE:
                yield name, value


def _word(name: str, value: Any) -> str:
    return _WORDS[name](value) if name in _WORDS else f"{name}={value}"
