"""Conditions in words."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf
from typing import Any, get_args

from bnparity.cases import Layout

_MODES = {
    (True, True): "training with running statistics",
    (False, True): "inference with running statistics",
    (True, False): "training without running statistics",
    (False, False): "inference without running statistics",
}
_OF_SETS: Mapping[frozenset[Any], str] = {
    frozenset({(True, True), (True, False)}): "in training",
    frozenset({(False, True), (False, False)}): "in inference",
    frozenset({(True, True), (False, True)}): "with running statistics",
    frozenset({(True, False), (False, False)}): "without running statistics",
    frozenset({(True, True), (True, False), (False, False)}): "where the batch normalises",
    frozenset({"both", "weight"}): "where there is a weight",
    frozenset({"both", "bias"}): "where there is a bias",
    frozenset({"none", "weight"}): "where there is no bias",
    frozenset({"none", "bias"}): "where there is no weight",
}
_AFFINE = {
    "both": "weight and bias",
    "none": "neither weight nor bias",
    "weight": "a weight alone",
    "bias": "a bias alone",
}
_SWITCHES = {
    "gradient": ("where a gradient is asked for", "where no gradient is asked for"),
    "masked": ("where there is a mask", "where there is no mask"),
    "through_statistics": (
        "where the loss depends on running statistics",
        "where the loss depends on the output alone",
    ),
    "momentum_none": ("where momentum is None", "where momentum is a number"),
    "momentum_zero": ("where momentum is 0", "where momentum is not 0"),
    "momentum_one": ("where momentum is 1", "where momentum is not 1"),
    "history": ("after other calls", "in a first call"),
    "fresh": ("with a fresh state", "with a state that is not fresh"),
    "repeated": ("where a call is repeated", "where a call is not repeated"),
    "reused": ("in memory that another call has used", "in memory of its own"),
    "param_layouts": ("where parameters are strided", "where parameters are contiguous"),
    "extreme": ("for extreme data", "for ordinary data"),
}
_SIZES = {
    "n": "n",
    "channels": "C",
    "images": "N",
    "plane": "the size of an image",
}


def in_words(feature: str, values: frozenset[Any], least: float, most: float) -> str:
    """Return a condition on one feature of a case in words."""
    if feature in _SIZES:
        return _size(feature, least, most)
    if feature in _SWITCHES:
        return _SWITCHES[feature][0 if True in values else 1]
    return _OF_SETS.get(values) or _LISTED[feature](sorted(values, key=str))


def _formats(pairs: Sequence[Any]) -> str:
    return "for " + _either(f"{data} data with {params} parameters" for data, params in pairs)


def _lying(what: str) -> Callable[[Sequence[Any]], str]:
    """Return what tells layouts: those that are meant, or the others where these are fewer."""

    def told(layouts: Sequence[Any]) -> str:
        others = sorted({*get_args(Layout)} - {*layouts})
        fewer, no = (others, "not ") if len(others) < len(layouts) else (layouts, "")
        return f"where {what} {no}{_either(name.replace('_', ' ') for name in fewer)}"

    return told


_LISTED: Mapping[str, Callable[[Sequence[Any]], str]] = {
    "mode": lambda modes: "in " + _either(_MODES[mode] for mode in modes),
    "dtype": lambda names: f"for {_either(names)} data",
    "formats": _formats,
    "affine": lambda kinds: "with " + _either(_AFFINE[kind] for kind in kinds),
    "axes": lambda counts: f"where x has {_either(map(str, counts))} axes",
    "threads": lambda counts: f"with threads = {_either(map(str, counts))}",
    "special": lambda what: "where " + _either(v or "no argument is odd" for v in what),
    "layout": _lying("data are"),
    "grad_layout": _lying("the gradient is"),
}


def _size(feature: str, least: float, most: float) -> str:
    if feature == "n" and most == 0:
        return "where the batch is empty"
    if feature == "n" and most == 1:
        return "where a channel has one value" + ("" if least == 1 else " or none")
    name = _SIZES[feature]
    if least == most:
        return f"where {name} = {most:g}"
    return f"where {name} > {least - 1:g}" if most == inf else f"where {name} <= {most:g}"


def _either(texts: Iterable[str]) -> str:
    return " or ".join(texts)
