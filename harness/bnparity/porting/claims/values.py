"""Measures of what arguments do: momentum, eps, affine, initial values, formats, ranks."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Literal

import numpy as np

from bnparity.backends import LayerError, input_name
from bnparity.judging import STATISTICS, Api, named_alike
from bnparity.porting.claims.claim import Measurement, holds, told
from bnparity.porting.claims.modes import each_follows
from bnparity.porting.claims.subject import CHANNELS, INFERENCE, TRAINING, Call, Judged, Subject

#: MindSpore's parameters that PyTorch lacks: what each is the initial value of, and its default.
INITIAL = {
    "gamma_init": ("weight", "ones"),
    "beta_init": ("bias", "zeros"),
    "moving_mean_init": ("running_mean", "zeros"),
    "moving_var_init": ("running_var", "ones"),
}

#: Values for them: a name, a number and an array, each with what it stands for.
_NAMED = {"zeros": [0.0] * CHANNELS, "ones": [1.0] * CHANNELS}
_INITIAL_VALUES: tuple[tuple[Any, list[float]], ...] = (
    *_NAMED.items(),
    (0.5, [0.5] * CHANNELS),
    (np.array([1.0, 2.0, 4.0], np.float32), [1.0, 2.0, 4.0]),
)

#: Ranks of the data that each class takes, as documented.
_RANKS: Mapping[str, Mapping[Api, tuple[int, ...]]] = {
    "BatchNorm1d": {"torch": (2, 3), "mindspore": (2, 3)},
    "BatchNorm2d": {"torch": (4,), "mindspore": (4,)},
    "BatchNorm3d": {"torch": (5,), "mindspore": (5,)},
    "SyncBatchNorm": {"torch": (2, 3, 4, 5), "mindspore": (2, 4)},
}


def argument_is(
    subject: Subject, *, name: Literal["momentum", "eps"], values: Iterable[float | None]
) -> Measurement:
    """Measure an argument that is PyTorch's, for `values` that PyTorch's takes.

    MindSpore's momentum is given as ``1 - momentum_torch``, and judged by the same expectation.
    """
    converts = name == "momentum" and subject.api == "mindspore"

    def judging(value: Any, own: Any) -> Judged:
        (call,) = subject.calls(True, gradient=False, **{name: own})
        return call.judged(TRAINING, **{name: value})

    return each_follows(
        (f"{name}={own if own is None else format(own, 'g')}", partial(judging, value, own))
        for value in values
        for own in [1.0 - value if converts and value is not None else value]
    )


def affine_is(subject: Subject) -> Measurement:
    """Measure ``affine=False``: neither scale nor shift, and no gradient of them."""
    (call,) = subject.calls(True, affine=False)
    result = call.judged(TRAINING, affine=False)
    learnt = sorted({"grad_weight", "grad_bias"} & set(call.outputs))
    evidence = f"affine=False: {result}; gradients of {', '.join(learnt) or 'neither'}"
    return holds(result.follows and not learnt, evidence)


def initialises(subject: Subject, *, name: str) -> Measurement:
    """Measure an initial value: its default, and names, numbers, arrays given."""
    state, default = INITIAL[name]
    said = subject.parameters.get(name)
    parts = [(subject.make(), _NAMED[default])]
    parts += [(subject.make(**{name: given}), value) for given, value in _INITIAL_VALUES]
    arrived = [named_alike(layer.state())[state].tolist() == value for layer, value in parts]
    evidence = f"{name}={said!r}; {sum(arrived)} of {len(parts)} values arrived"
    return holds(said == default and all(arrived), evidence)


def takes_formats(subject: Subject) -> Measurement:
    """Measure `data_format`: NCHW by default, and NHWC for channels at the end."""
    said = subject.parameters.get("data_format")
    x = subject.data(np.random.default_rng(0))
    swapped = np.ascontiguousarray(np.moveaxis(x, 1, -1))
    try:
        last = subject.make(data_format="NHWC")(swapped)["output"]
    except LayerError as refused:
        return holds(False, f"data_format={said!r}; NHWC: {told(refused)}")
    same = np.array_equal(np.moveaxis(last, -1, 1), subject.make()(x)["output"])
    return holds(said == "NCHW" and same, f"data_format={said!r}; NHWC gives the same: {same}")


def takes_ranks(subject: Subject) -> Measurement:
    """Measure the ranks of data that are taken, and that no others are."""
    taken = subject.ranks
    evidence = f"of the ranks 2 to 5 it takes {', '.join(map(str, taken)) or 'none'}"
    return holds(taken == _RANKS[subject.kind][subject.api], evidence)


def input_is(subject: Subject, *, name: str) -> Measurement:
    """Measure the input: its name, and the ranks that it may have."""
    found = input_name(subject.remote, subject.kind)
    ranked = takes_ranks(subject)
    right = found == name and ranked.verdict == "holds"
    return holds(right, f"it is {found}; {ranked.evidence}")


def corresponds(subject: Subject, *, names: Sequence[str]) -> Measurement:
    """Measure names that are scale, shift, mean and variance, in this order.

    PyTorch's are loaded as a state, MindSpore's set as attributes: each is how its users do it.
    """
    values = [np.array([2.0, 3.0, 4.0], np.float32) + place for place in range(len(names))]
    layer = subject.make()
    layer.train(False)
    if subject.api == "torch":
        layer.load(dict(zip(names, values, strict=True)))
    else:
        for name, value in zip(names, values, strict=True):
            layer.set(name, value)
    x = subject.data(np.random.default_rng(0))
    given = dict(zip(("weight", "bias", *STATISTICS), values, strict=True))
    call = Call(x=x, grad_output=None, before=given, outputs=layer(x), after=given)
    result = call.judged(INFERENCE)
    ratio = f"{result.worst.ratio:.3g}"
    return holds(result.follows, f"with {', '.join(names)} set, inference has a ratio of {ratio}")
