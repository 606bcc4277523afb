"""Measures of what a signature says: parameters, their places and defaults, and names of state."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bnparity.backends import LayerError, plain
from bnparity.judging import Api, named_alike
from bnparity.porting.claims.claim import Measurement, holds, told
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

#: What some classes have beside them, last.
_LAST: Mapping[tuple[Api, str], Mapping[str, Any]] = {
    ("torch", "SyncBatchNorm"): {"process_group": None},
    ("mindspore", "BatchNorm1d"): {"data_format": "NCHW"},
    ("mindspore", "BatchNorm2d"): {"data_format": "NCHW"},
    ("mindspore", "SyncBatchNorm"): {"process_groups": None},
}


def documented(api: Api, kind: str) -> dict[str, Any]:
    """Return the parameters that the pages say a class has, in order, with their defaults."""
    every = TORCH if api == "torch" else MINDSPORE
    return {**every, **_LAST.get((api, kind), {})}


def announced(kind: str) -> dict[str, Any]:
    """Return the parameters that MindSpore's class will have: PyTorch's, and one more."""
    return {**documented("torch", kind), "dtype": None}


def signature_is(subject: Subject) -> Measurement:
    """Measure a signature: every parameter, in order, with its default."""
    return _compared(subject, documented(subject.api, subject.kind))


def announced_is(subject: Subject) -> Measurement:
    """Measure the signature that the installed docstring announces for later."""
    measurement = _compared(subject, announced(subject.kind))
    still = "After version 2.9.0" in str(subject.make().get("__doc__"))
    told_so = "the docstring still announces it" if still else "no docstring announces it"
    return replace(measurement, evidence=f"{measurement.evidence}; {told_so}")


def parameter_is(subject: Subject, *, name: str, default: Any) -> Measurement:
    """Measure a parameter's default, and that there is such a parameter."""
    found = subject.parameters
    if name not in found:
        return holds(False, f"there is no {name} in {subject.kind}({written(found)})")
    return holds(found[name] == default, written({name: found[name]}))


def no_parameter(subject: Subject, *, name: str) -> Measurement:
    """Measure that there is no such parameter."""
    found = subject.parameters
    return holds(name not in found, f"{subject.kind}({written(found)})")


def channels_are(subject: Subject) -> Measurement:
    """Measure `num_features`: the first parameter, and the length of the state."""
    first = next(iter(subject.parameters.items()), None)
    shape = named_alike(subject.make().state())["running_mean"].shape
    evidence = f"parameter 1 is {first}; with {CHANNELS} the running mean has shape {shape}"
    return holds(first == ("num_features", REQUIRED) and shape == (CHANNELS,), evidence)


def saved_as(subject: Subject, *, names: Sequence[str]) -> Measurement:
    """Measure the names under which a layer's state is saved."""
    found = list(subject.make().state())
    return holds(set(names) <= set(found), f"saved as {', '.join(found)}")


def wraps(subject: Subject, *, name: str) -> Measurement:
    """Measure whether a layer has another as an attribute."""
    try:
        subject.make().get(name)
    except LayerError as refused:
        if refused.type != "AttributeError":
            raise
        return holds(False, told(refused))
    return holds(True, f"it has {name}")


def _compared(subject: Subject, expected: Mapping[str, Any]) -> Measurement:
    found = subject.parameters
    if list(found.items()) == list(expected.items()):
        return holds(True, f"{subject.kind}({written(found)})")
    parts = {
        "it also has": {n: found[n] for n in found if n not in expected},
        "it has no": {n: expected[n] for n in expected if n not in found},
        "it has": {n: found[n] for n in found if n in expected and found[n] != expected[n]},
    }
    words = [f"{word} {written(those)}" for word, those in parts.items() if those]
    return holds(False, "; ".join(words) or f"it has them in the order {written(found)}")


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
