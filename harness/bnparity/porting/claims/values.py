"""Measures of what arguments do: momentum, eps, affine, initial values, formats, ranks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bnparity_reference import Dialect, batch_norm

from bnparity.backends import Layer, LayerError, input_name
from bnparity.judging import TIGHT, judge, named_alike
from bnparity.porting.claims.claim import Measure, Measurement, holds, told
from bnparity.porting.claims.modes import Part, each_follows
from bnparity.porting.claims.subject import (
    CHANNELS,
    EPS,
    MOMENTUM,
    TRAINING,
    Judged,
    Subject,
    data_of,
    judged,
)

#: Values for initial parameters: a name, a number and an array, each with what it stands for.
_INITIAL: tuple[tuple[Any, list[float]], ...] = (
    ("zeros", [0.0] * CHANNELS),
    ("ones", [1.0] * CHANNELS),
    (0.5, [0.5] * CHANNELS),
    (np.array([1.0, 2.0, 4.0], np.float32), [1.0, 2.0, 4.0]),
)


def momenta_relate(kind: str, *momenta: float) -> Measure:
    """Return the measure of ``momentum_torch = 1 - momentum_mindspore``, for PyTorch's `momenta`.

    Both sides are judged by the same expectation.
    """

    def measure(subject: Subject) -> Measurement:
        return each_follows(_related(subject, kind, *momenta))

    return measure


def momentum_functions(kind: str) -> Measure:
    """Return the measure of what PyTorch's momentum can be beside a share: None, or above 1."""

    def measure(subject: Subject) -> Measurement:
        return each_follows(
            [
                ("momentum=None", _with_momentum(subject, kind, None, None)),
                *_related(subject, kind, 1.5),
            ]
        )

    return measure


def same_default(kind: str) -> Measure:
    """Return the measure of the default momentum doing what PyTorch's default does."""

    def measure(subject: Subject) -> Measurement:
        result = judged(subject.calls(kind, True, False)[0], TRAINING)
        return holds(result.follows, f"in training with defaults: {result}")

    return measure


def eps_is(kind: str, *values: float) -> Measure:
    """Return the measure of eps without a difference, for `values` that PyTorch's takes."""

    def measure(subject: Subject) -> Measurement:
        return each_follows((f"eps={eps:g}", _with_eps(subject, kind, eps)) for eps in values)

    return measure


def affine_is(kind: str) -> Measure:
    """Return the measure of ``affine=False``: neither scale nor shift, and no gradient of them."""

    def measure(subject: Subject) -> Measurement:
        (call,) = subject.calls(kind, True, given={"affine": False})
        result = judged(call, TRAINING, affine=False)
        learnt = sorted({"grad_weight", "grad_bias"} & set(call.outputs))
        evidence = f"affine=False: {result}; gradients of {', '.join(learnt) or 'neither'}"
        return holds(result.follows and not learnt, evidence)

    return measure


def initialises(kind: str, name: str, state: str, default: str) -> Measure:
    """Return the measure of an initial value: its default, and names, numbers, arrays given.

    Parameters
    ----------
    kind
        The class.
    name
        The parameter.
    state
        What it is the initial value of, under PyTorch's name.
    default
        What the document says it is.
    """

    def measure(subject: Subject) -> Measurement:
        said = subject.parameters(kind).get(name)
        fresh = [value for given, value in _INITIAL if isinstance(given, str) and given == default]
        parts = [(subject.make(kind), fresh[0])]
        parts += [(subject.make(kind, **{name: given}), value) for given, value in _INITIAL]
        wrong = [value for layer, value in parts if _state_of(layer, state) != value]
        evidence = f"{name}={said!r}; {len(parts) - len(wrong)} of {len(parts)} values arrived"
        return holds(said == default and not wrong, evidence)

    return measure


def takes_formats(kind: str) -> Measure:
    """Return the measure of `data_format`: NCHW by default, and NHWC for channels at the end."""

    def measure(subject: Subject) -> Measurement:
        said = subject.parameters(kind).get("data_format")
        x = data_of(kind, np.random.default_rng(0))
        swapped = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        try:
            last = subject.make(kind, data_format="NHWC")(swapped)["output"]
        except LayerError as refused:
            if refused.type in Subject.UNASKED:
                raise
            return holds(False, f"data_format={said!r}; NHWC: {told(refused)}")
        same = np.array_equal(np.moveaxis(last, -1, 1), subject.make(kind)(x)["output"])
        return holds(said == "NCHW" and same, f"data_format={said!r}; NHWC gives the same: {same}")

    return measure


def takes_ranks(kind: str, *ranks: int) -> Measure:
    """Return the measure of the ranks of data that are taken, and that no others are."""

    def measure(subject: Subject) -> Measurement:
        taken = subject.ranks(kind)
        evidence = f"of the ranks 2 to 5 it takes {', '.join(map(str, taken)) or 'none'}"
        return holds(taken == list(ranks), evidence)

    return measure


def input_is(kind: str, name: str, *ranks: int) -> Measure:
    """Return the measure of the input: its name, and the ranks that it may have."""

    def measure(subject: Subject) -> Measurement:
        found = input_name(subject.remote, kind)
        ranked = takes_ranks(kind, *ranks)(subject)
        return holds(
            found == name and ranked.verdict == "holds", f"it is {found}; {ranked.evidence}"
        )

    return measure


def corresponds(kind: str, names: Sequence[str]) -> Measure:
    """Return the measure of names that are scale, shift, mean and variance, in this order.

    PyTorch's are loaded as a state, MindSpore's set as attributes: each is how its users do it.
    """

    def measure(subject: Subject) -> Measurement:
        values = [np.array([2.0, 3.0, 4.0], np.float32) + place for place in range(len(names))]
        layer = subject.make(kind)
        layer.train(False)
        if subject.api == "torch":
            layer.load(dict(zip(names, values, strict=True)))
        else:
            for name, value in zip(names, values, strict=True):
                layer.set(name, value)
        x = data_of(kind, np.random.default_rng(0))
        exact = batch_norm(
            x.astype(np.float64),
            *(value.astype(np.float64) for value in values),
            dialect=Dialect(),
            training=False,
            momentum=MOMENTUM,
            eps=EPS,
        )
        (check,) = judge({"output": layer(x)["output"]}, exact, dialect=Dialect())
        evidence = f"with {', '.join(names)} set, inference has a ratio of {check.ratio:.3g}"
        return holds(check.ratio <= TIGHT, evidence)

    return measure


def _related(subject: Subject, kind: str, *momenta: float) -> list[Part]:
    """Return what judges layers with PyTorch's `momenta`, each in the API's own words."""
    own = [momentum if subject.api == "torch" else 1.0 - momentum for momentum in momenta]
    return [
        (f"momentum={mine:g}", _with_momentum(subject, kind, momentum, mine))
        for momentum, mine in zip(momenta, own, strict=True)
    ]


def _with_momentum(
    subject: Subject, kind: str, momentum: float | None, own: float | None
) -> Callable[[], Judged]:
    """Return what judges a layer made with its API's `own` momentum by PyTorch's `momentum`."""

    def judging() -> Judged:
        (call,) = subject.calls(kind, True, given={"momentum": own}, gradient=False)
        return judged(call, TRAINING, momentum=momentum)

    return judging


def _with_eps(subject: Subject, kind: str, eps: float) -> Callable[[], Judged]:
    def judging() -> Judged:
        (call,) = subject.calls(kind, True, given={"eps": eps}, gradient=False)
        return judged(call, TRAINING, eps=eps)

    return judging


def _state_of(layer: Layer, name: str) -> list[float]:
    values: list[float] = named_alike(layer.state())[name].tolist()
    return values
