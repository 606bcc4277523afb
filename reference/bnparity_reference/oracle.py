"""BatchNorm as it is defined, in float64, for any dialect.

Ioffe and Szegedy, "Batch Normalization" (2015): algorithm 1 forward, section 3 backward. The
channel axis is moved to the front and the others are flattened, so that every line below speaks
of rows: a channel, its n values. `CONVENTIONS` in `bnparity_reference.dialect` names the rest.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect, Estimator

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
    batch: Statistics
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


def batch_norm(
    x: Array,
    weight: Array | None = None,
    bias: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    dialect: Dialect,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_output: Array | None = None,
    batches_tracked: int = 0,
    channel_axis: int = 1,
) -> Exact:
    """Return what `dialect` promises for one call of BatchNorm.

    Parameters
    ----------
    x
        The data: any rank, channels on `channel_axis`, n values a channel.
    weight, bias, running_mean, running_var
        ``(C,)``, or None: not affine, not tracked.
    training
        The mode; the dialect says what it means.
    momentum
        In the dialect's own convention; None is the average over all batches so far.
    eps
        Added to the variance, or where else the dialect places it.
    grad_output
        The gradient of a loss by the output, like `x`; None asks for no gradients.
    batches_tracked
        How many batches the running statistics hold already; counts where `momentum` is None.

    Returns
    -------
    Exact
        Outputs in the shapes of the arguments. The unbiased variance of one value is 0 / 0, NaN.

    Raises
    ------
    ValueError
        If `momentum` is None and the dialect refuses that.

    Examples
    --------
    >>> x = np.array([[1.0], [3.0]])
    >>> exact = batch_norm(x, dialect=Dialect(), training=True, momentum=0.1, eps=0.0)
    >>> exact.output.tolist()
    [[-1.0], [1.0]]
    """
    share = _share_of_batch(dialect, training, momentum, batches_tracked)
    if x.size == 0 and dialect.empty_batch == "unchanged":
        share = None
    source = dialect.train_statistics if training else dialect.eval_statistics
    with np.errstate(all="ignore"):  # here infinity and NaN are answers
        rows = _to_rows(x, channel_axis)
        used, update = _batch_statistics(rows, dialect.normalizing_variance), None
        if running_mean is not None and running_var is not None:
            mean, var = _column(running_mean), _column(running_var)
            update = _update(used, mean, var, share, dialect)
            if source == "running":
                used = Statistics(mean=mean, var=var, centred=rows - mean, from_batch=False)
        forward = _forward(rows, used, weight, bias, eps=eps, dialect=dialect)
        backward = None
        if grad_output is not None:
            backward = _backward(forward, _to_rows(grad_output, channel_axis), dialect)
        output = forward.weight * forward.normalized + forward.bias
        new_mean, new_var = _averages(update)
        grad_input, grad_weight, grad_bias = _gradients(forward, backward)
    return Exact(
        output=from_rows(output, x, channel_axis),
        running_mean=new_mean,
        running_var=new_var,
        grad_input=None if grad_input is None else from_rows(grad_input, x, channel_axis),
        grad_weight=grad_weight,
        grad_bias=grad_bias,
        forward=forward,
        backward=backward,
        update=update,
    )


def denominator(var: Array, eps: float, dialect: Dialect) -> Array:
    """Return what the centred data are divided by."""
    return np.sqrt(var + eps) if dialect.eps_placement == "inside" else np.sqrt(var) + eps


def _batch_statistics(x: Array, estimator: Estimator) -> Statistics:
    """Return mean and variance in two passes, the mean corrected by what rounding left of it."""
    n = x.shape[1]
    mean = _sum(x) / n
    centred = x - mean
    remainder = _sum(centred) / n
    centred = centred - remainder
    var = _sum(centred * centred) / _divisor(n, estimator)
    return Statistics(mean=mean + remainder, var=var, centred=centred, from_batch=True)


def _forward(
    x: Array,
    used: Statistics,
    weight: Array | None,
    bias: Array | None,
    *,
    eps: float,
    dialect: Dialect,
) -> Forward:
    eps = max(eps, dialect.eps_floor)
    scale = denominator(used.var, eps, dialect)
    identity = np.ones_like(scale)
    return Forward(
        x=x,
        used=used,
        eps=eps,
        scale=scale,
        normalized=used.centred / scale,
        weight=identity if weight is None or dialect.weight == "ignored" else _column(weight),
        bias=0 * identity if bias is None or dialect.bias == "ignored" else _column(bias),
    )


def _share_of_batch(
    dialect: Dialect, training: bool, momentum: float | None, batches_tracked: int
) -> float | None:
    """Return the weight of this batch in the running statistics; None leaves them as they are."""
    if momentum is None and dialect.momentum_none == "refused":
        raise ValueError("momentum=None: this dialect has no cumulative average")
    if dialect.running_update == "never" or (dialect.running_update == "training" and not training):
        return None
    if momentum is None:
        return 1.0 / (batches_tracked + 1)
    return momentum if dialect.momentum == "new" else 1.0 - momentum


def _update(
    used: Statistics, old_mean: Array, old_var: Array, share: float | None, dialect: Dialect
) -> Update:
    n = used.centred.shape[1]
    var = used.var * _divisor(n, dialect.normalizing_variance)
    var = var / _divisor(n, dialect.running_variance)
    return Update(share=share, batch=replace(used, var=var), old_mean=old_mean, old_var=old_var)


def _averages(update: Update | None) -> tuple[Array | None, Array | None]:
    """Return the running mean and variance (C,) after the update."""
    if update is None:
        return None, None
    mean, var = update.old_mean, update.old_var
    if update.share is not None:
        mean = (1.0 - update.share) * mean + update.share * update.batch.mean
        var = (1.0 - update.share) * var + update.share * update.batch.var
    return mean[:, 0], var[:, 0]


def _backward(forward: Forward, grad: Array, dialect: Dialect) -> Backward:
    n = grad.shape[1]
    root = forward.scale if dialect.eps_placement == "inside" else np.sqrt(forward.used.var)
    return Backward(
        grad=grad,
        mean=_sum(grad) / n,
        projection=_sum(grad * forward.normalized) / _divisor(n, dialect.normalizing_variance),
        slope=np.divide(1.0, root, out=np.zeros_like(root), where=root != 0.0),
        through_statistics=forward.used.from_batch and dialect.grad_statistics == "differentiated",
    )


def _gradients(
    forward: Forward, backward: Backward | None
) -> tuple[Array | None, Array | None, Array | None]:
    """Return the gradients by the data (C, n), the weight and the bias (C,).

    The first has three parts: straight, through the mean, and through the variance.
    """
    if backward is None:
        return None, None, None
    total = backward.grad
    if backward.through_statistics:
        through_var = forward.used.centred * backward.slope * backward.projection
        total = total - backward.mean - through_var
    grad_weight = _sum(backward.grad * forward.normalized)[:, 0]
    return forward.weight / forward.scale * total, grad_weight, _sum(backward.grad)[:, 0]


def _divisor(n: int, estimator: Estimator) -> np.float64:
    # A NumPy number: 0 / 0 is NaN here, as it is in every framework, not an exception.
    return np.float64(n if estimator == "biased" else max(n - 1, 0))


def _sum(rows: Array) -> Array:
    total: Array = np.add.reduce(rows, axis=1, keepdims=True)
    return total


def _column(per_channel: Array) -> Array:
    return np.asarray(per_channel, dtype=np.float64)[:, np.newaxis]


def _to_rows(x: Array, channel_axis: int) -> Array:
    wide = np.asarray(x, dtype=np.float64)
    axis = channel_axis % wide.ndim
    front = wide.transpose(axis, *(i for i in range(wide.ndim) if i != axis))
    rows = front.reshape(front.shape[0], -1) if front.size else front.reshape(front.shape[0], 0)
    # Contiguous, because NumPy sums pairwise only along contiguous rows.
    return np.ascontiguousarray(rows)


def from_rows(rows: Array, like: Array, channel_axis: int) -> Array:
    """Return `rows`, a channel a row, in the shape of `like`."""
    axis = channel_axis % like.ndim
    front = rows.reshape(like.shape[axis], *like.shape[:axis], *like.shape[axis + 1 :])
    return front.transpose(*range(1, axis + 1), 0, *range(axis + 1, like.ndim))
