"""What the oracle answers: the outputs of one call, and the rows behind them.

Bounds are computed from the rows, a channel each, in the units of the data.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: The outputs of one call, in the order in which they are reported.
OUTPUTS = ("output", "running_mean", "running_var", "grad_input", "grad_weight", "grad_bias")


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Location and spread of every channel: ``mean`` and ``var`` (C, 1), ``centred`` (C, n)."""

    mean: Array
    var: Array
    centred: Array
    from_batch: bool


@dataclass(frozen=True, kw_only=True)
class Forward:
    """The rows behind the output: ``x``, ``normalized`` (C, n); ``scale``, ``weight``, ``bias``."""

    x: Array
    used: Statistics
    eps: float
    scale: Array
    normalized: Array
    weight: Array
    bias: Array


@dataclass(frozen=True, kw_only=True)
class Backward:
    """The rows behind the gradients: ``grad`` (C, n), the others (C, 1).

    ``mean`` is the average of ``grad``, ``projection`` that of ``grad * normalized``, ``slope``
    twice the derivative of the denominator by the variance (0 where there is none). Where the
    statistics are constants for the gradient, ``through_statistics`` is false.
    """

    grad: Array
    mean: Array
    projection: Array
    slope: Array
    through_statistics: bool


@dataclass(frozen=True, kw_only=True)
class Update:
    """The rows behind the running statistics: the batch, its share in them, the old averages.

    Without a share they stay as they are; with one of 0 they are computed, and a NaN enters.
    """

    share: float | None
    batch: Statistics | None
    old_mean: Array
    old_var: Array


@dataclass(frozen=True, kw_only=True)
class Exact:
    """The outputs of one call, None where there is none, and the rows behind them."""

    output: Array
    running_mean: Array | None
    running_var: Array | None
    grad_input: Array | None
    grad_weight: Array | None
    grad_bias: Array | None
    forward: Forward
    backward: Backward | None
    update: Update | None
