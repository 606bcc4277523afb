"""How each argument is said in the other API, and which cannot be.

A rule reads an argument that differs from its default, for the defaults of both APIs mean the same,
and returns a part of the translation. What both APIs share is checked against MindSpore, the
narrower of the two, in both directions: what one way refuses has no way back.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from bnparity.porting.translation.layer import Layer
from bnparity.porting.translation.signatures import INITIALISED
from bnparity.porting.translation.values import constant


def complement(momentum: float) -> float | None:
    """Return `momentum`, in [0, 1], as the other API means it; None where it would not come back.

    From 0.5 up every float has a complement. Below there are more floats than complements: 1e-17
    and 0 would both become 1.0, so 1e-17 has none. With M = complement(m), MindSpore's layer hands
    its kernel ``1.0 - M``, computed in float64, which is within 2 ** -53 of m: the bound of the
    running statistics allows the share a unit roundoff of float32, 2 ** -24.

    Examples
    --------
    >>> complement(0.2), complement(0.9), complement(0.01)
    (0.8, 0.1, 0.99)
    >>> complement(1e-17) is None
    True
    """
    decimal = nearest(momentum)
    if nearest(decimal) == momentum:
        return decimal
    # Above 0.5 the difference of floats is exact, and serves those whose decimals do not.
    exact = 1.0 - momentum
    taken = nearest(nearest(exact)) == exact
    return None if taken or 1.0 - exact != momentum else exact


def nearest(momentum: float) -> float:
    """Return the float nearest to 1 less the shortest decimal that stands for `momentum`.

    Examples
    --------
    >>> nearest(0.9), nearest(1e-17)
    (0.1, 1.0)
    """
    return float(1 - Fraction(repr(momentum)))


@dataclass(frozen=True, kw_only=True)
class Part:
    """Arguments of the translated layer, and what stands in the way; see `Obstacle`.

    ``training`` fixes the mode of the translated layer; None leaves it as it is.
    """

    arguments: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    loss: str = ""
    training: bool | None = None


#: From a layer, and the value of one of its arguments.
Rule: TypeAlias = Callable[[Layer, Any], Part]


def _eps(_layer: Layer, eps: float) -> Part:
    with np.errstate(over="ignore", under="ignore"):
        single = np.float32(eps)
    if 0 < single <= 1:
        return Part(arguments={"eps": eps})
    return Part(reason="mindspore takes an eps above 0 and up to 1, rounded to float32")


def _momentum(_layer: Layer, momentum: float | None) -> Part:
    if momentum is None:
        return Part(reason="mindspore has no average over all batches, only a fixed momentum")
    if not 0 <= momentum <= 1:
        return Part(reason="mindspore takes a momentum from 0 to 1")
    translated = complement(momentum)
    if translated is not None:
        return Part(arguments={"momentum": translated})
    rounded = nearest(momentum)
    return Part(
        arguments={"momentum": rounded},
        reason=f"1 - momentum is {rounded!r} in floats, and so is 1 - {nearest(rounded)!r}",
        loss=f"becomes {rounded!r}, as {nearest(rounded)!r} does",
    )


def _dtype(_layer: Layer, dtype: str) -> Part:
    if dtype != "float16":
        return Part(reason="mindspore's BatchNorm computes in float16 and float32 only")
    return Part(
        arguments={"dtype": dtype},
        reason="mindspore never moves float16 statistics on the CPU, torch does",
        loss="in training the statistics of one layer move and those of the other do not",
    )


def _not_affine(layer: Layer, _affine: bool) -> Part:
    """Return what says that gamma and beta are not trained: they have to be as in a new layer."""
    state = layer.state or {}
    beta = state.get("beta", np.zeros(1))
    fresh = not {"gamma_init", "beta_init"} & set(layer.arguments)
    ones = bool(np.all(state.get("gamma", np.ones(1)) == 1))
    if fresh and ones and not np.any(beta) and not np.any(np.signbit(beta)):
        return Part(arguments={"affine": False})
    return Part(
        reason="torch's layer then has neither weight nor bias, but gamma or beta are not 1 and 0",
        loss="weight and bias can be trained: call requires_grad_(False) on both",
    )


def _fixed_statistics(_layer: Layer, batch: bool) -> Part:
    does, mode = ("trains", "train()") if batch else ("infers", "eval()")
    return Part(
        training=batch,
        reason=f"mindspore's layer then {does} in either mode",
        loss=f"torch's layer follows its mode: keep it in {mode}",
    )


def _initialiser(_layer: Layer, initialiser: object) -> Part:
    """Refuse what did not become state: it is random, or its size is not known."""
    kind = "random" if constant(initialiser) is None else "constant"
    return Part(
        reason="torch's constructor has no initialisers",
        loss=f"the {kind} values are not set: use torch.nn.init",
    )


_GROUP = Part(
    reason="torch takes a group of its own making, mindspore lists of ranks",
    loss="all ranks are one group",
)

#: By the argument of either API, in the order in which obstacles are told; a part where the value
#: does not matter.
RULES: Mapping[str, Rule | Part] = {
    "num_features": lambda _layer, size: Part(arguments={"num_features": size}),
    "eps": _eps,
    "momentum": _momentum,
    "affine": _not_affine,
    "dtype": _dtype,
    "process_group": _GROUP,
    "process_groups": _GROUP,
    "bias": Part(
        reason="mindspore's layer always has a beta",
        loss="there is a beta that can be trained: set beta.requires_grad = False",
    ),
    "track_running_stats": Part(
        arguments={"use_batch_statistics": True},
        reason="mindspore's layer always has moving statistics, in training and in inference",
        loss="use_batch_statistics=True normalises alike, but has moving statistics and moves them",
    ),
    "device": Part(
        reason="mindspore's layer has no device of its own",
        loss="the device is that of mindspore.set_context",
    ),
    "use_batch_statistics": _fixed_statistics,
    "data_format": Part(
        reason="torch takes channels on axis 1 only",
        loss="permute the input to NCHW, and the output back",
    ),
    **dict.fromkeys(INITIALISED, _initialiser),
}
