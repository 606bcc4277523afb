"""Measures of what a signature says: parameters, their places and defaults, and names of state."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnparity.backends import LayerError, plain
from bnparity.judging import named_alike
from bnparity.porting.claims.claim import Measure, Measurement, holds, told
from bnparity.porting.claims.subject import CHANNELS, Subject

#: The default of a parameter that has none.
REQUIRED = "(none)"

TORCH: Mapping[str, Any] = {
    "num_features": REQUIRED,
    "eps": 1e-5,
    "momentum": 0.1,
    "affine": True,
    "track_running_stats": True,
}
MINDSPORE: Mapping[str, Any] = {
    "num_features": REQUIRED,
    "eps": 1e-5,
    "momentum": 0.9,
    "affine": True,
    "gamma_init": "ones",
    "beta_init": "zeros",
    "moving_mean_init": "zeros",
    "moving_var_init": "ones",
    "use_batch_statistics": None,
}


def signature_is(kind: str, documented: Mapping[str, Any]) -> Measure:
    """Return the measure of a signature: every parameter, in order, with its default."""

    def measure(subject: Subject) -> Measurement:
        found = subject.parameters(kind)
        if list(found.items()) == list(documented.items()):
            return holds(True, f"{kind}({written(found)})")
        return holds(False, _difference(found, documented))

    return measure


def parameter_is(kind: str, name: str, default: Any) -> Measure:
    """Return the measure of a parameter's default, and that there is such a parameter."""

    def measure(subject: Subject) -> Measurement:
        found = subject.parameters(kind)
        if name not in found:
            return holds(False, f"there is no {name} in {kind}({written(found)})")
        return holds(found[name] == default, written({name: found[name]}))

    return measure


def no_parameter(kind: str, name: str) -> Measure:
    """Return the measure of a parameter that is said not to exist."""

    def measure(subject: Subject) -> Measurement:
        found = subject.parameters(kind)
        return holds(name not in found, f"{kind}({written(found)})")

    return measure


def channels_are(kind: str) -> Measure:
    """Return the measure of `num_features`: the first parameter, and the length of the state."""

    def measure(subject: Subject) -> Measurement:
        first = next(iter(subject.parameters(kind).items()), None)
        state = named_alike(subject.make(kind).state())
        shape = state["running_mean"].shape
        evidence = f"parameter 1 is {first}; with {CHANNELS} the running mean has shape {shape}"
        return holds(first == ("num_features", REQUIRED) and shape == (CHANNELS,), evidence)

    return measure


def state_names(kind: str, names: Sequence[str]) -> Measure:
    """Return the measure of the names under which a layer's state is saved."""

    def measure(subject: Subject) -> Measurement:
        found = list(subject.make(kind).state())
        return holds(set(names) <= set(found), f"saved as {', '.join(found)}")

    return measure


def attribute_names(kind: str, names: Sequence[str]) -> Measure:
    """Return the measure of attributes that a layer is said to have."""

    def measure(subject: Subject) -> Measurement:
        layer = subject.make(kind)
        for name in names:
            try:
                layer.get(name)
            except LayerError as refused:
                if refused.type != "AttributeError":
                    raise
                return holds(False, told(refused))
        return holds(True, f"it has {', '.join(names)}")

    return measure


def announced(kind: str, documented: Mapping[str, Any]) -> Measure:
    """Return the measure of a signature that the installed docstring announces for later."""

    def measure(subject: Subject) -> Measurement:
        measurement = signature_is(kind, documented)(subject)
        still = "After version 2.9.0" in str(subject.make(kind).get("__doc__"))
        told_so = "the docstring still announces it" if still else "no docstring announces it"
        return holds(measurement.verdict == "holds", f"{measurement.evidence}; {told_so}")

    return measure


def _difference(found: Mapping[str, Any], documented: Mapping[str, Any]) -> str:
    parts = {
        "it also has": {name: found[name] for name in found if name not in documented},
        "it has no": {name: documented[name] for name in documented if name not in found},
        "it has": {
            name: found[name]
            for name in found
            if name in documented and found[name] != documented[name]
        },
    }
    words = [f"{word} {written(those)}" for word, those in parts.items() if those]
    return "; ".join(words) or f"it has them in the order {written(found)}"


def written(parameters: Mapping[str, Any]) -> str:
    """Return parameters as a signature has them.

    Examples
    --------
    >>> written({"num_features": REQUIRED, "eps": 1e-5})
    'num_features, eps=1e-05'
    """
    return ", ".join(
        name if default == REQUIRED else f"{name}={plain(default)!r}"
        for name, default in parameters.items()
    )
