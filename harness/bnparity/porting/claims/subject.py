"""The layers of one backend as claims ask for them: made, called, and judged by the one oracle.

Both APIs are judged by PyTorch's dialect: what is the same on both sides is then the same
expectation, and each backend can be measured alone, in its own process.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from bnparity_reference import Dialect
from numpy.typing import NDArray

from bnparity.backends import Layer, LayerError, Remote, make, signature
from bnparity.judging import (
    STATISTICS,
    TIGHT,
    UNBOUNDED,
    Api,
    Check,
    expected_of,
    judge,
    named_alike,
)

Array = NDArray[Any]

#: Channels of every layer that is made here.
CHANNELS = 3

#: Data for each class: one shape, since another would have to be compiled again in Graph mode.
_SHAPES: Mapping[str, tuple[int, ...]] = {
    "BatchNorm1d": (4, CHANNELS, 5),
    "BatchNorm2d": (4, CHANNELS, 2, 3),
    "BatchNorm3d": (2, CHANNELS, 2, 3, 2),
    "SyncBatchNorm": (4, CHANNELS, 2, 3),
}

#: Data of every rank that some class takes.
_OF_RANK = {rank: (2, CHANNELS, 2, 2, 2)[:rank] for rank in (2, 3, 4, 5)}

_NOTHING: Mapping[str, Any] = MappingProxyType({})

#: PyTorch's default momentum and eps, by which both APIs' defaults are judged.
MOMENTUM, EPS = 0.1, 1e-5


@dataclass(frozen=True, kw_only=True)
class Status:
    """A row of PyTorch's mode table: what normalises, and whether statistics are kept."""

    training: bool
    tracked: bool = True


TRAINING, INFERENCE = Status(training=True), Status(training=False)
#: Normalised with the batch's statistics, and there are no others.
UNTRACKED = Status(training=True, tracked=False)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a layer, with the state before and after it, by the names it is saved under."""

    x: Array
    grad_output: Array | None
    before: Mapping[str, Array]
    outputs: Mapping[str, Array]
    after: Mapping[str, Array]

    @property
    def moved(self) -> tuple[str, ...]:
        """What of the state the call has changed."""
        return tuple(
            name
            for name, array in self.after.items()
            if name not in self.before or not np.array_equal(self.before[name], array)
        )


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a call was worth: the worst ratio, of what, and what never came."""

    worst: Check
    checks: int
    missing: tuple[str, ...]

    @property
    def follows(self) -> bool:
        """Whether all that was expected came, within the bound."""
        return not self.missing and self.worst.ratio <= TIGHT

    def __str__(self) -> str:
        """Return the evidence in words."""
        ratio = "inf" if self.worst.ratio >= UNBOUNDED else f"{self.worst.ratio:.3g}"
        text = f"worst ratio {ratio} in {self.worst.output}"
        return f"{text}; there is no {', '.join(self.missing)}" if self.missing else text


@dataclass(kw_only=True)
class Subject:
    """What drives the layers of one backend; what was asked once is not asked again."""

    #: Exceptions that are not the layer's: its process ended, never answered, or was not asked.
    UNASKED: ClassVar[tuple[str, ...]] = ("crash", "hang", "late")

    remote: Remote
    api: Api
    _parameters: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    _calls: dict[object, tuple[Call, ...]] = field(default_factory=dict, repr=False)
    _ranks: dict[str, list[int]] = field(default_factory=dict, repr=False)

    def parameters(self, kind: str) -> dict[str, Any]:
        """Return the constructor's parameters, in order, with their defaults."""
        if kind not in self._parameters:
            listed = signature(self.remote, kind)
            self._parameters[kind] = {name: default for name, _, default in listed}
        return self._parameters[kind]

    def make(self, kind: str, **given: Any) -> Layer:
        """Return a new layer of `CHANNELS` channels."""
        return make(self.remote, kind, CHANNELS, **given)

    def calls(
        self,
        kind: str,
        *modes: bool | None,
        given: Mapping[str, Any] = _NOTHING,
        gradient: bool = True,
    ) -> tuple[Call, ...]:
        """Return calls of a new layer, one in each mode; None leaves the mode as it is.

        Parameters
        ----------
        kind
            The class.
        modes
            True for training, and False for inference.
        given
            What the layer is made with, in the words of its own API.
        gradient
            Whether gradients are asked for too.
        """
        key = (kind, modes, tuple(given.items()), gradient)
        if key not in self._calls:
            layer, rng = self.make(kind, **given), np.random.default_rng(0)
            self._calls[key] = tuple(_called(layer, kind, mode, gradient, rng) for mode in modes)
        return self._calls[key]

    def ranks(self, kind: str) -> list[int]:
        """Return which of the ranks 2 to 5 a layer takes."""
        if kind not in self._ranks:
            layer = self.make(kind)
            self._ranks[kind] = [rank for rank, shape in _OF_RANK.items() if takes(layer, shape)]
        return self._ranks[kind]


def takes(layer: Layer, shape: Sequence[int]) -> bool:
    """Return whether a layer takes data of this shape, and returns the like."""
    try:
        output = layer(np.ones(shape, np.float32))["output"]
    except LayerError as refused:
        if refused.type in Subject.UNASKED:
            raise
        return False
    return output.shape == tuple(shape)


def data_of(kind: str, rng: np.random.Generator) -> Array:
    """Return data for a layer, far from the mean and the variance that a new one has."""
    return rng.normal(3.0, 2.0, size=_SHAPES[kind]).astype(np.float32)


def judged(
    call: Call,
    status: Status,
    *,
    momentum: float | None = MOMENTUM,
    eps: float = EPS,
    affine: bool = True,
) -> Judged:
    """Return how a call compares with what PyTorch's oracle says of `status`, from its state.

    Parameters
    ----------
    call
        Of a layer of either API.
    status
        What the layer is expected to do.
    momentum, eps
        With which it is expected to, the momentum as PyTorch means it.
    affine
        Whether gradients of weight and bias are expected, if any are.
    """
    before, after = named_alike(call.before), named_alike(call.after)
    exact = expected_of(
        before,
        call.x,
        call.grad_output,
        dialect=Dialect(),
        training=status.training,
        tracked=status.tracked,
        momentum=momentum,
        eps=eps,
    )
    expected = _expected(status, gradient=call.grad_output is not None, affine=affine)
    found = {**call.outputs, **{name: after[name] for name in STATISTICS if name in after}}
    wanted = {name: array for name, array in found.items() if name in expected}
    checks = judge(wanted, exact, dialect=Dialect())
    return Judged(
        worst=max(checks, key=lambda check: check.ratio),
        checks=len(checks),
        missing=tuple(sorted(set(expected) - {check.output for check in checks})),
    )


def _called(
    layer: Layer, kind: str, mode: bool | None, gradient: bool, rng: np.random.Generator
) -> Call:
    if mode is not None:
        layer.train(mode)
    x, before = data_of(kind, rng), _owned(layer.state())
    grad_output = rng.normal(size=x.shape).astype(np.float32) if gradient else None
    outputs = _owned(layer(x, grad_output))
    after = _owned(layer.state())
    return Call(x=x, grad_output=grad_output, before=before, outputs=outputs, after=after)


def _owned(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return copies, to keep: what came lies in memory that would be held for them."""
    return {name: array.copy() for name, array in arrays.items()}


def _expected(status: Status, *, gradient: bool, affine: bool) -> tuple[str, ...]:
    gradients = ("grad_input", *(("grad_weight", "grad_bias") if affine else ()))
    return (
        "output",
        *(gradients if gradient else ()),
        *(STATISTICS if status.tracked else ()),
    )
