"""Measures of what arguments do: momentum, eps, affine, initial values, formats, ranks."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from bnparity_reference import Dialect, batch_norm

from bnparity.claims.claim import Measure, Measurement, holds, told
from bnparity.claims.modes import each_follows
from bnparity.claims.subject import (
    CHANNELS,
    EPS,
    INFERENCE,
    MOMENTUM,
    TRAINING,
    Judged,
    Status,
    Subject,
    batches,
)
from bnparity.drivers.layer import Layer, Refused, input_name
from bnparity.judge import TIGHT, judge
from bnparity.trajectory import named_alike

#: Data that a class may take, or not, by rank.
_OF_RANK = {rank: (2, CHANNELS, 2, 2, 2)[:rank] for rank in (2, 3, 4, 5)}

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
        return each_follows(
            (f"momentum={own:g}", _with_momentum(subject, kind, momentum, own))
            for momentum in momenta
            for own in (momentum if subject.api == "torch" else 1.0 - momentum,)
        )

    return measure


def momentum_is_optional(kind: str) -> Measure:
    """Return the measure of momentum None: the average of all batches, which PyTorch's can be."""

    def measure(subject: Subject) -> Measurement:
        return each_follows([("momentum=None", _with_momentum(subject, kind, None, None))])

    return measure


def same_default(kind: str) -> Measure:
    """Return the measure of the default momentum doing what PyTorch's default does."""

    def measure(subject: Subject) -> Measurement:
        judged = subject.judged(kind, TRAINING, switched=True)
        return holds(judged.follows, f"in training with defaults: {judged}")

    return measure


def function_is(kind: str) -> Measure:
    """Return the measure of both modes, with their gradients, as PyTorch's function has them."""

    def measure(subject: Subject) -> Measurement:
        return _both_modes(subject, kind)

    return measure


def updates_differ(kind: str) -> Measure:
    """Return the measure of updating otherwise than PyTorch: it holds where either mode does."""

    def measure(subject: Subject) -> Measurement:
        same = _both_modes(subject, kind)
        return holds(same.verdict != "holds", f"judged as PyTorch's: {same.evidence}")

    return measure


def eps_is(kind: str, *values: float) -> Measure:
    """Return the measure of eps without a difference, for `values` that PyTorch's takes."""

    def measure(subject: Subject) -> Measurement:
        return each_follows((f"eps={eps:g}", _with_eps(subject, kind, eps)) for eps in values)

    return measure


def affine_is(kind: str) -> Measure:
    """Return the measure of ``affine=False``: neither scale nor shift, and no gradient of them."""

    def measure(subject: Subject) -> Measurement:
        judged = subject.judged(kind, TRAINING, switched=True, given={"affine": False})
        layer = subject.make(kind, affine=False)
        layer.train()
        learnt = {"grad_weight", "grad_bias"} & set(layer(*next(batches(kind))))
        evidence = f"affine=False: {judged}; gradients of {', '.join(sorted(learnt)) or 'neither'}"
        return holds(judged.follows and not learnt, evidence)

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
        x, _ = next(batches(kind))
        plain = subject.make(kind)(x)["output"]
        swapped = np.ascontiguousarray(np.moveaxis(x, 1, -1))
        try:
            last = subject.make(kind, data_format="NHWC")(swapped)["output"]
        except Refused as refused:
            if refused.type in Subject.GONE:
                raise
            return holds(False, f"data_format={said!r}; NHWC: {told(refused)}")
        same = np.array_equal(np.moveaxis(last, -1, 1), plain)
        return holds(said == "NCHW" and same, f"data_format={said!r}; NHWC gives the same: {same}")

    return measure


def takes_ranks(kind: str, *ranks: int) -> Measure:
    """Return the measure of the ranks of data that are taken, and that no others are."""

    def measure(subject: Subject) -> Measurement:
        taken = _ranks_taken(subject.make(kind))
        return holds(taken == list(ranks), f"of the ranks 2 to 5 it takes {taken}")

    return measure


def input_is(kind: str, name: str, *ranks: int) -> Measure:
    """Return the measure of the input: its name, and the ranks that it may have."""

    def measure(subject: Subject) -> Measurement:
        found = input_name(subject.perform, kind)
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
        x, _ = next(batches(kind))
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


def _both_modes(subject: Subject, kind: str) -> Measurement:
    def judging(status: Status) -> Callable[[], Judged]:
        return lambda: subject.judged(kind, status, switched=status.training)

    return each_follows([("training", judging(TRAINING)), ("inference", judging(INFERENCE))])


def _with_momentum(
    subject: Subject, kind: str, momentum: float | None, own: float | None
) -> Callable[[], Judged]:
    """Return what judges a layer made with its API's `own` momentum by PyTorch's `momentum`."""
    return lambda: subject.judged(
        kind,
        TRAINING,
        switched=True,
        given={"momentum": own},
        momentum=momentum,
        gradient=False,
    )


def _with_eps(subject: Subject, kind: str, eps: float) -> Callable[[], Judged]:
    return lambda: subject.judged(
        kind, TRAINING, switched=True, given={"eps": eps}, eps=eps, gradient=False
    )


def _state_of(layer: Layer, name: str) -> list[float]:
    values: list[float] = named_alike(layer.state())[name].tolist()
    return values


def _ranks_taken(layer: Layer) -> list[int]:
    taken = []
    for rank, shape in _OF_RANK.items():
        try:
            output = layer(np.ones(shape, np.float32))["output"]
        except Refused as refused:
            if refused.type in Subject.GONE:
                raise
        else:
            taken += [rank] if output.shape == shape else []
    return taken
