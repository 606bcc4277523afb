"""Two models on the same data: the first BatchNorm where they part, and by what.

Layers are taken in the order in which they are called. Of each pair three things are asked, with
the data of the first model: do the settings and the arrays of both mean the same, without any
rounding; does either compute what its framework says; and have the data come to both alike? Data
are alike if they are no further apart than a few of what one rounding of everything before makes.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from bnparity.backends import Array
from bnparity.cases import FRAMEWORKS
from bnparity.diagnosis import diagnose
from bnparity.judging import TIGHT, CaseResult, expected, judge, ratio_text
from bnparity.porting import complement
from bnparity.sessions.parity.recording import MODES, LayerCall, Recording

#: How many times as far apart data may be as one rounding takes them: two models add products of
#: some hundred terms in orders of their own, which rounds as often as a root of that.
_ROUNDINGS = 32.0

#: What of a call a port may get wrong.
_SETTINGS = ("training", "eps", "momentum")
_ARRAYS = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, kw_only=True)
class Parting:
    """Where two models part: the mode, the layer in either, by what, and in words.

    ``by`` is ``"convention"`` for what was set or loaded otherwise, ``"implementation"`` for a
    layer that does not compute what it says, ``"elsewhere"`` for what lies between BatchNorms.
    """

    mode: str
    layer: str
    other: str
    by: str
    reason: str

    def in_words(self) -> str:
        """Return a sentence."""
        where = f"at {self.layer} and {self.other}" if self.layer else "after all BatchNorms"
        return f"the models part in {self.mode} {where}, by {self.by}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class ModelComparison:
    """Two models, how many BatchNorm calls were compared, and where they part, if they do.

    ``roundings`` is how far the results are apart in each mode, in what one rounding makes.
    """

    a: str
    b: str
    compared: int
    roundings: dict[str, float]
    parting: Parting | None

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON."""
        return asdict(self)

    def in_words(self) -> str:
        """Return a sentence."""
        if self.parting is not None:
            return self.parting.in_words()
        far = ", ".join(f"{ratio_text(r, 2)} in {mode}" for mode, r in self.roundings.items())
        return (
            f"no parting: {self.compared} calls of BatchNorm agree in settings, arrays and "
            f"results; {self.a} and {self.b} end as far apart as so many roundings make: {far}"
        )


def compare_models(a: Recording, b: Recording) -> ModelComparison:
    """Return where two recorded models part, or that rounding alone tells them apart."""
    parting = next(_partings(a, b), None)
    return ModelComparison(
        a=a.name,
        b=b.name,
        compared=sum(len(a.calls[mode]) for mode in MODES),
        roundings={
            mode: _roundings(a.outputs[mode], b.outputs[mode], a.moved[mode])
            for mode in MODES
            if a.outputs[mode].shape == b.outputs[mode].shape
        },
        parting=parting,
    )


def _partings(a: Recording, b: Recording) -> Iterator[Parting]:
    """Yield where the models part, in the order in which that is met."""
    for mode in MODES:
        ours, theirs = a.calls[mode], b.calls[mode]
        previous = "the input"
        for one, other in zip(ours, theirs, strict=False):
            said = {"mode": mode, "layer": one.layer, "other": other.layer}
            for by, reason in _reasons(one, other, a.framework, b.framework, previous):
                yield Parting(**said, by=by, reason=reason)
            previous = one.layer
        if len(ours) != len(theirs):
            reason = f"{len(ours)} calls of BatchNorm in {a.name}, {len(theirs)} in {b.name}"
            yield Parting(mode=mode, layer="", other="", by="elsewhere", reason=reason)
        if reason := _data_apart(a.outputs[mode], b.outputs[mode], a.moved[mode], "the results"):
            yield Parting(mode=mode, layer="", other="", by="elsewhere", reason=reason)


def _reasons(
    one: LayerCall, other: LayerCall, framework: str, others: str, previous: str
) -> Iterator[tuple[str, str]]:
    """Yield by what two calls part, and how that shows."""
    if one.inputs.x.shape != other.inputs.x.shape:
        shapes = f"{list(one.inputs.x.shape)} and {list(other.inputs.x.shape)}"
        yield "convention", f"the data are {shapes} with the channels on the second axis"
        return
    alike = _as_meant_by(framework, others, other)
    if changes := tuple(_changes(one, alike, framework)):
        yield "convention", "; ".join(changes)
    for call, whose in ((one, framework), (other, others)):
        if reason := _own_failure(call, whose):
            yield "implementation", f"{call.layer} of {whose}: {reason}"
    what = f"the data that reach it from {previous}"
    if reason := _data_apart(one.inputs.x, other.inputs.x, one.moved["x"], what):
        if order := _other_order(one, other):
            yield "convention", f"the data of the second have their axes in the order {order}"
        yield "elsewhere", f"{reason}; what lies between is no BatchNorm"


def _other_order(one: LayerCall, other: LayerCall) -> str:
    """Return the order of axes in which the data of both are the same, if there is another."""
    x, theirs = one.inputs.x, other.inputs.x
    last = (0, *range(2, x.ndim), 1)
    if x.ndim < 3 or np.transpose(x, last).shape != theirs.shape:
        return ""
    far = _roundings(np.transpose(x, last), theirs, np.transpose(one.moved["x"], last))
    return "" if far > _ROUNDINGS else ", ".join(map(str, last))


def _as_meant_by(framework: str, others: str, call: LayerCall) -> LayerCall:
    """Return a call of the second framework with its momentum as the first means it."""
    turned = FRAMEWORKS[framework].dialect.momentum != FRAMEWORKS[others].dialect.momentum
    if not turned or call.momentum is None:
        return call
    exact = complement(call.momentum)
    return replace(call, momentum=1 - call.momentum if exact is None else exact)


def _changes(one: LayerCall, other: LayerCall, framework: str) -> Iterator[str]:
    """Yield what of the second call, put into the first, changes its result beyond rounding.

    A mode that differs changes what all else means, and is told alone.
    """
    for name in _SETTINGS:
        here, there = getattr(one, name), getattr(other, name)
        if here != there and _is_apart(one, replace(one, **{name: there}), framework):
            yield f"{_named(name)} is {_told(name, here)} and {_told(name, there)}"
            if name == "training":
                return
    for name in _ARRAYS:
        mine, theirs = getattr(one.inputs, name), getattr(other.inputs, name)
        if mine is None or theirs is None:
            mine, theirs = (_stood_for(name, a, one.inputs.x) for a in (mine, theirs))
        if np.array_equal(mine, theirs, equal_nan=True):
            continue
        if mine.shape != theirs.shape:
            yield f"{name} has {mine.size} and {theirs.size} elements"
        elif _is_apart(one, _with(one, name, theirs), framework):
            yield f"{name} is another: {_array_told(name, one, other, theirs)}"


def _named(setting: str) -> str:
    return "the mode of the layer" if setting == "training" else setting


def _told(setting: str, value: Any) -> str:
    return ("training" if value else "inference") if setting == "training" else f"{value:g}"


def _stood_for(name: str, array: Array | None, x: Array) -> Array:
    """Return an array, or what a layer without it computes with."""
    value = 1.0 if name in ("weight", "running_var") else 0.0
    return np.full(x.shape[1], value, x.dtype) if array is None else array


def _with(call: LayerCall, name: str, array: Array) -> LayerCall:
    return replace(call, inputs=replace(call.inputs, **{name: array}))


def _array_told(name: str, one: LayerCall, other: LayerCall, theirs: Array) -> str:
    """Return what the second model's array is instead, if that can be told."""
    for known in _ARRAYS:
        array = getattr(one.inputs, known)
        if known != name and array is not None and np.array_equal(array, theirs):
            return f"the second model has {known} there"
    if np.array_equal(theirs, _stood_for(name, None, other.inputs.x)):
        return "the second model has that of a new layer"
    mine = getattr(one.inputs, name)
    worst = int(np.argmax(np.abs(mine - theirs))) if mine is not None else 0
    here = "none" if mine is None else f"{mine[worst]:g}"
    return f"[{worst}] is {here} and {theirs[worst]:g}"


def _is_apart(one: LayerCall, other: LayerCall, framework: str) -> bool:
    """Return whether the exact results of two calls of one framework differ beyond rounding."""
    dialect = FRAMEWORKS[framework].dialect
    exact, changed = (expected(c.case, c.inputs, dialect) for c in (one, other))
    outputs = {
        name: np.asarray(array).astype(one.inputs.x.dtype)
        for name in ("output", "running_mean", "running_var")
        if (array := getattr(changed, name)) is not None
    }
    checks = judge(outputs, exact, dialect=dialect, dtype=one.case.dtype)
    return any(check.ratio > TIGHT for check in checks)


def _own_failure(call: LayerCall, framework: str) -> str:
    """Return how a call departs from what its own framework says, and with what it computes."""
    dialect, case = FRAMEWORKS[framework].dialect, call.case
    exact = expected(case, call.inputs, dialect)
    checks = judge(call.outputs, exact, dialect=dialect, dtype=case.dtype)
    result = CaseResult(
        case=case,
        inputs=call.inputs,
        outputs=call.outputs,
        checks=checks,
        fault=None,
        asked=tuple(call.outputs),
    )
    if not result.failed:
        return ""
    (worst, *_) = [check for check in checks if check.verdict == "fail"]
    codes = [code for found in diagnose([result], dialect) for code in found.codes]
    does = ", ".join(dict.fromkeys(codes)) or "nothing that was tried"
    return f"{worst.told()}, {ratio_text(worst.ratio)} times the bound; it computes with {does}"


def _data_apart(one: Array, other: Array, moved: Array, what: str) -> str:
    """Return how data differ by more than rounding, if they do."""
    if one.shape != other.shape:
        return f"{what} have the shapes {list(one.shape)} and {list(other.shape)}"
    far = _roundings(one, other, moved)
    if far <= _ROUNDINGS:
        return ""
    return f"{what} are {ratio_text(far, 2)} times as far apart as a rounding takes them"


def _roundings(one: Array, other: Array, moved: Array) -> float:
    """Return how far data are apart, in what a rounding of everything before them makes."""
    if not np.all(np.isfinite(one)) or not np.all(np.isfinite(other)):
        same = np.array_equal(one, other, equal_nan=True)
        return 0.0 if same else float("inf")
    unit = float(np.finfo(one.dtype).eps) / 2 * float(np.max(np.abs(one), initial=0.0))
    step = max(float(np.max(np.abs(moved - one), initial=0.0)), unit)
    apart = float(np.max(np.abs(one.astype(np.float64) - other), initial=0.0))
    return apart / step if step else apart and float("inf")
