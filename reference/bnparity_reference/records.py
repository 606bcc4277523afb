"""What the oracle answers: the outputs of one call, and the rows behind them.

Bounds are computed from the rows, a channel each, in the units of the data.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Source

Array = NDArray[np.float64]

#: The outputs of one call, in the order in which they are reported.
OUTPUTS = ("output", "running_mean", "running_var", "grad_input", "grad_weight", "grad_bias")


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Location and spread of every channel: ``mean`` and ``var`` (C, 1)."""

    mean: Array
    var: Array


@dataclass(frozen=True, kw_only=True)
class Forward:
    """The rows behind the output: ``x`` (C, n), the others (C, 1).

    ``used`` are the statistics that normalise, and ``source`` where they are from; ``scale`` is the
    denominator. If it is ``stored``, ``used.var`` is 1 / denominator. A ``mask`` (C, n) says which
    values are in the batch's statistics, ``divisor`` (C, 1) what their sums are divided by then.
    """

    x: Array
    used: Statistics
    source: Source
    eps: float
    scale: Array
    weight: Array
    bias: Array
    stored: bool = False
    mask: NDArray[np.bool_] | None = None
    divisor: Array | None = None

    @property
    def values(self) -> Array:
        """What sums over the batch's values are divided by, (C, 1)."""
        return self.count if self.divisor is None else self.divisor

    @cached_property
    def count(self) -> Array:
        """How many values the batch's statistics are of, (C, 1)."""
        if self.mask is None:
            return np.full((len(self.x), 1), float(self.x.shape[1]))
        return np.add.reduce(self.mask, axis=1, keepdims=True, dtype=np.float64)

    def left_in(self, rows: Array) -> Array:
        """Return rows (C, n) with 0 in the place of what the mask leaves out."""
        return rows if self.mask is None else np.where(self.mask, rows, 0.0)

    @property
    def from_batch(self) -> bool:
        """Whether the batch's own statistics normalise."""
        return self.source == "batch"

    @cached_property
    def centred(self) -> Array:
        """The data less the mean (C, n), in plain float64: good enough to bound an error by."""
        return self.x - self.used.mean

    @cached_property
    def normalized(self) -> Array:
        """The normalised data (C, n), in plain float64."""
        return self.centred / self.scale


@dataclass(frozen=True, kw_only=True)
class Added:
    """What running statistics add to the gradient by the data: ``by_mean + by_var * (x - about)``.

    These are (C, 1); a value that a mask leaves out has none. ``share`` and ``kept`` are the
    weights of the batch and of the old in the running statistics.
    """

    by_mean: Array
    by_var: Array
    about: Array
    share: float
    kept: float


@dataclass(frozen=True, kw_only=True)
class Backward:
    """The rows behind the gradients: ``grad`` (C, n), the others (C, 1).

    ``forward`` is what the backward pass normalises by, ``last`` what the gradient by the data is
    divided by in the end. ``mean`` is the average of ``grad``,
    ``projection`` that of ``grad * normalized``, ``slope`` twice the derivative of the denominator
    by the variance (0 where there is none). ``through_mean`` is the mean of the statistics that the
    gradient flows through, None where they are constants for it. ``added`` comes through running
    statistics, if anything does.
    """

    grad: Array
    mean: Array
    projection: Array
    slope: Array
    through_mean: Array | None
    forward: Forward
    last: Forward
    added: Added | None = None

    @cached_property
    def factor(self) -> Array:
        """What the projection is multiplied by (C, n), in plain float64: xh where eps is inside."""
        assert self.through_mean is not None
        factor: Array = (self.forward.x - self.through_mean) * self.slope
        return factor

    def normalizes_otherwise(self, forward: Forward) -> bool:
        """Return whether the backward pass normalises by something else than the forward pass."""
        if self.forward is forward:
            return False
        one, other = self.forward.used, forward.used
        pairs = ((one.mean, other.mean), (one.var, other.var))
        same = all(np.array_equal(*pair, equal_nan=True) for pair in pairs)
        return not same or self.forward.eps != forward.eps

    @property
    def through_statistics(self) -> bool:
        """Whether the gradient flows through statistics."""
        return self.through_mean is not None


@dataclass(frozen=True, kw_only=True)
class Update:
    """The columns behind the running statistics: the batch, the weights, the old averages.

    ``kept`` is the weight of the old, ``share`` the batch's. Without a share, and then without a
    batch, they stay as they are; with one of 0 they are computed, and a NaN enters. ``entered`` is
    what enters the running variance where that is not the batch's variance, but made with ``eps``.
    ``unmoved`` (C, 1) says in which channels they stay because a mask leaves nothing in.
    """

    kept: float | None
    share: float | None
    batch: Statistics | None
    old_mean: Array
    old_var: Array
    entered: Array | None = None
    eps: float = 0.0
    unmoved: NDArray[np.bool_] | None = None

    @property
    def new_var(self) -> Array:
        """What enters the running variance (C, 1)."""
        assert self.batch is not None
        return self.batch.var if self.entered is None else self.entered


@dataclass(frozen=True, kw_only=True)
class Groups:
    """Which values share their statistics: ``members`` (G, m) are places in the rows (C, n)."""

    members: NDArray[np.intp]
    channels: int

    def taken(self, rows: Array) -> Array:
        """Return the values of each group, (C, n) to (G, m)."""
        return rows.ravel()[self.members]

    def put_back(self, grouped: Array) -> Array:
        """Return the values of groups in their places, (G, m) to (C, n)."""
        rows = np.empty(self.members.size)
        rows[self.members] = grouped
        return rows.reshape(self.channels, -1)

    def by_group(self, of_channels: Array) -> Array:
        """Return what each group has of numbers (C,) that are shared equally, (C,) to (G,)."""
        if len(self.members) == 1:
            of_all: Array = np.sum(of_channels, keepdims=True)
            return of_all
        each = len(self.members) // self.channels
        return np.repeat(of_channels / each, each)

    def by_channel(self, of_groups: Array) -> Array:
        """Return the mean over the groups of a channel, (G,) to (C,); one of all is everybody's."""
        if len(of_groups) == 1:
            return np.repeat(of_groups, self.channels)
        means: Array = of_groups.reshape(self.channels, -1).mean(axis=1)
        return means


@dataclass(frozen=True, kw_only=True)
class Regrouped:
    """An answer made of that to ``groups`` of the data as channels, without weight and bias.

    ``inner`` is that answer; ``grad`` (C, n), ``weight`` and ``bias`` (C, 1) are as given, and
    ``degrees`` is what a group's mean square is multiplied by in the running variance.
    """

    inner: "Exact"
    groups: Groups
    weight: Array
    bias: Array
    grad: Array | None
    degrees: float


@dataclass(frozen=True, kw_only=True)
class Exact:
    """The outputs of one call, None where there is none, and the rows behind them.

    Of a rank that synchronises they are the rank's own, and the rows are those of the whole batch,
    in which ``columns`` are the rank's. ``regrouped`` says how it was made where something else
    than a channel shares its statistics. ``entering`` is the update behind statistics that
    normalise after it, ``update`` mostly. ``channel_axis`` is where the data have their channels.
    The output is 0 for the sake of a mask where it is ``hidden``.
    """

    output: Array
    running_mean: Array | None
    running_var: Array | None
    grad_input: Array | None
    grad_weight: Array | None
    grad_bias: Array | None
    forward: Forward
    backward: Backward | None
    update: Update | None
    entering: Update | None
    columns: slice
    regrouped: Regrouped | None = None
    channel_axis: int = 1
    hidden: NDArray[np.bool_] | None = None
