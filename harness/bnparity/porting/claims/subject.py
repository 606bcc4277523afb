"""The layers of a class as claims ask for them: made, called, and judged by the one oracle.

Both APIs are judged by PyTorch's dialect: what is the same on both sides is then the same
expectation, and each backend can be measured alone, in its own process.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from bnparity_reference import Dialect

from bnparity.backends import Array, Layer, LayerError, Remote, make, signature
from bnparity.judging import (
    STATISTICS,
    TIGHT,
    Api,
    Check,
    expected_of,
    judge,
    named_alike,
    ratio_text,
)

#: Channels of every layer that is made here.
CHANNELS = 3

#: Data for each class: one shape, since another would have to be compiled again in Graph mode.
_SHAPES: Mapping[str, tuple[int, ...]] = {
    "BatchNorm1d": (4, CHANNELS, 5),
    "BatchNorm2d": (4, CHANNELS, 2, 3),
    "BatchNorm3d": (2, CHANNELS, 2, 3, 2),
    "SyncBatchNorm": (4, CHANNELS, 2, 3),
}


@dataclass(frozen=True, kw_only=True)
class Status:
    """A row of PyTorch's mode table: what normalises, and whether statistics are kept."""

    training: bool
    tracked: bool = True


TRAINING, INFERENCE = Status(training=True), Status(training=False)
#: Normalised with the batch's statistics, and there are no others.
UNTRACKED = Status(training=True, tracked=False)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a call was worth: the worst ratio, of what, and what never came."""

    worst: Check
    missing: tuple[str, ...]

    @property
    def follows(self) -> bool:
        """Whether all that was expected came, within the bound."""
        return not self.missing and self.worst.ratio <= TIGHT

    def __str__(self) -> str:
        """Return the evidence in words."""
        ratio = ratio_text(self.worst.ratio)
        text = f"worst ratio {ratio} in {self.worst.output}"
        return f"{text}; there is no {', '.join(self.missing)}" if self.missing else text


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

    def judged(
        self,
        status: Status,
        *,
        momentum: float | None = 0.1,
        eps: float = 1e-5,
        affine: bool = True,
    ) -> Judged:
        """Return how the call compares with what PyTorch's oracle says of `status`.

        It is expected to do that from the state before the call, with this eps and this momentum
        as PyTorch means it: by PyTorch's defaults those of both APIs are judged. If not `affine`,
        no gradients of weight and bias are expected.
        """
        exact = expected_of(
            named_alike(self.before),
            self.x,
            self.grad_output,
            dialect=Dialect(),
            training=status.training,
            tracked=status.tracked,
            momentum=momentum,
            eps=eps,
        )
        gradients = ("grad_input", *(("grad_weight", "grad_bias") if affine else ()))
        expected = {
            "output",
            *(gradients if self.grad_output is not None else ()),
            *(STATISTICS if status.tracked else ()),
        }
        found = {**self.outputs, **named_alike(self.after)}
        wanted = {name: array for name, array in found.items() if name in expected}
        checks = judge(wanted, exact, dialect=Dialect())
        return Judged(
            worst=max(checks, key=lambda check: check.ratio),
            missing=tuple(sorted(expected - {check.output for check in checks})),
        )


class Unasked(Exception):
    """What is not the layer's: its process ended, never answered, or was not asked."""


@dataclass(kw_only=True)
class Subject:
    """What drives one class of layers of one backend; what was asked once is not asked again."""

    remote: Remote
    api: Api
    kind: str
    _calls: dict[object, tuple[Call, ...]] = field(default_factory=dict, repr=False)

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The constructor's parameters, in order, with their defaults."""
        return {name: default for name, _, default in signature(self.remote, self.kind)}

    @cached_property
    def ranks(self) -> tuple[int, ...]:
        """Which of the ranks 2 to 5 a layer takes."""
        layer = self.make()
        return tuple(r for r in (2, 3, 4, 5) if _takes(layer, (2, CHANNELS, 2, 2, 2)[:r]))

    def make(self, **given: Any) -> Layer:
        """Return a new layer of `CHANNELS` channels."""
        return make(self.remote, self.kind, CHANNELS, **given)

    def data(self, rng: np.random.Generator) -> Array:
        """Return data for a layer, far from the mean and the variance that a new one has."""
        return rng.normal(3.0, 2.0, size=_SHAPES[self.kind]).astype(np.float32)

    def calls(self, *modes: bool | None, gradient: bool = True, **given: Any) -> tuple[Call, ...]:
        """Return calls of a new layer, made with what is `given`, in the words of its own API.

        One in each mode: True for training, False for inference, None as it is.
        """
        key = (modes, gradient, *given.items())
        if key not in self._calls:
            layer, rng = self.make(**given), np.random.default_rng(0)
            self._calls[key] = tuple(self._called(layer, m, rng, gradient=gradient) for m in modes)
        return self._calls[key]

    def _called(
        self, layer: Layer, mode: bool | None, rng: np.random.Generator, *, gradient: bool
    ) -> Call:
        if mode is not None:
            layer.train(mode)
        x, before = self.data(rng), _owned(layer.state())
        grad_output = rng.normal(size=x.shape).astype(np.float32) if gradient else None
        outputs = _owned(layer(x, grad_output))
        after = _owned(layer.state())
        return Call(x=x, grad_output=grad_output, before=before, outputs=outputs, after=after)


def _takes(layer: Layer, shape: tuple[int, ...]) -> bool:
    """Return whether a layer takes data of this shape, and returns the like."""
    try:
        return layer(np.ones(shape, np.float32))["output"].shape == shape
    except LayerError:
        return False


def _owned(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Return copies, to keep: what came lies in memory that would be held for them."""
    return {name: array.copy() for name, array in arrays.items()}
