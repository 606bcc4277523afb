"""The layers of one backend as claims ask for them: made, called, and judged by the one oracle.

Both APIs are judged by PyTorch's dialect: what is the same on both sides is then the same
expectation, and each backend can be measured alone, in its own process.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bnparity.drivers.layer import Layer, Perform, make, signature
from bnparity.judge import TIGHT, UNBOUNDED, Check
from bnparity.trajectory import Api, Trajectory, named_alike

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
class Judged:
    """What the calls of a layer were worth: the worst ratio, of what, and what never came."""

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
        text = f"worst ratio {ratio} in {self.worst.output}, {self.checks} checks"
        return f"{text}; there is no {', '.join(self.missing)}" if self.missing else text


@dataclass(kw_only=True)
class Subject:
    """What drives the layers of one backend; what was judged once is not judged again."""

    #: Exceptions that are not the layer's: its process ended, or never answered.
    GONE: ClassVar[tuple[str, ...]] = ("crash", "hang")

    perform: Perform
    api: Api
    _parameters: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    _judged: dict[object, Judged] = field(default_factory=dict, repr=False)

    def parameters(self, kind: str) -> dict[str, Any]:
        """Return the constructor's parameters, in order, with their defaults."""
        if kind not in self._parameters:
            listed = signature(self.perform, kind)
            self._parameters[kind] = {name: default for name, _, default in listed}
        return self._parameters[kind]

    def make(self, kind: str, **arguments: Any) -> Layer:
        """Return a new layer of `CHANNELS` channels."""
        return make(self.perform, kind, CHANNELS, **arguments)

    def judged(
        self,
        kind: str,
        status: Status,
        *,
        switched: bool | None,
        given: Mapping[str, Any] = _NOTHING,
        momentum: float | None = MOMENTUM,
        eps: float = EPS,
        gradient: bool = True,
    ) -> Judged:
        """Return how a new layer's calls compare with what PyTorch's oracle says of `status`.

        Parameters
        ----------
        kind
            The class.
        status
            What the layer is expected to do.
        switched
            The mode that the layer is switched to; None leaves it in the mode it was made in.
        given
            What the layer is made with, in the words of its own API.
        momentum, eps
            What is expected of it, the momentum as PyTorch means it.
        gradient
            Whether gradients are asked for too.
        """
        key = (kind, status, switched, tuple(given.items()), momentum, eps, gradient)
        if key not in self._judged:
            layer = self.make(kind, **given)
            if switched is not None:
                layer.train(switched)
            expected = _expected(status, gradient=gradient, affine=given.get("affine", True))
            trajectory = Trajectory(
                layer=layer,
                api="torch",
                eps=eps,
                momentum=momentum,
                training=status.training,
                tracked=status.tracked,
            )
            self._judged[key] = calls_judged(trajectory, kind, expected, gradient=gradient)
        return self._judged[key]


def calls_judged(
    trajectory: Trajectory, kind: str, expected: tuple[str, ...], *, gradient: bool
) -> Judged:
    """Return how two calls of a layer compare with what is expected of it."""
    checks = [
        check
        for x, grad_output in batches(kind)
        for check in trajectory.call(x, grad_output if gradient else None)
        if check.output.removeprefix("drift of ") in expected
    ]
    return Judged(
        worst=max(checks, key=lambda check: check.ratio),
        checks=len(checks),
        missing=tuple(sorted(set(expected) - {check.output for check in checks})),
    )


def batches(kind: str) -> Iterator[tuple[Array, Array]]:
    """Yield data for two calls, with a gradient of the output for each."""
    rng = np.random.default_rng(0)
    for _ in range(2):
        x = rng.normal(3.0, 2.0, size=_SHAPES[kind]).astype(np.float32)
        yield x, rng.normal(size=x.shape).astype(np.float32)


def unmoved(layer: Layer, kind: str) -> bool:
    """Return whether a call leaves the running statistics as they are."""
    before = named_alike(layer.state())
    layer(next(batches(kind))[0])
    after = named_alike(layer.state())
    return all(
        np.array_equal(before[name], after[name])
        for name in ("running_mean", "running_var")
        if name in before
    )


def _expected(status: Status, *, gradient: bool, affine: bool) -> tuple[str, ...]:
    gradients = ("grad_input", *(("grad_weight", "grad_bias") if affine else ()))
    return (
        "output",
        *(gradients if gradient else ()),
        *(("running_mean", "running_var") if status.tracked else ()),
    )
