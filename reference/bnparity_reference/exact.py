"""BatchNorm in exact rational arithmetic, which certifies the float64 oracle.

A reference is as good as what checks it. This module computes the oracle's quantities and shares no
code with it: Ioffe and Szegedy, "Batch Normalization" (2015), algorithm 1, under the conventions of
`Dialect`. It goes channel by channel, in scalar fractions: slow, and simple enough to be believed
by reading. For the n values x of one channel, N being n, or n - 1 where unbiased,

    mean = sum(x) / n    d = x - mean    var = sum(d * d) / N
    s = sqrt(var + eps)  or  sqrt(var) + eps                     y = weight * d / s + bias

For a loss with the gradient g by y, the chain rule, with dvar/dx = 2 * d / N as sum(d) = 0, gives

    grad_input = weight / s * (g - sum(g) / n - d * sum(g * d) / N * L)    L = 2 / s * ds/dvar

With eps inside the root, ds/dvar = 1 / (2 * s), and L = 1 / (var + eps) is rational. Outside,
L = 1 / (var + eps * sqrt(var)), or 0 where var is 0. Constant statistics leave only g in brackets.
The textbook's gradient has N = n and L = 1 / s**2 for any s, in training.

All is exact but an irrational root, which is less than 2**-256 of itself too small. So running
statistics and `grad_bias` are exact; `output` less the bias, `grad_weight`, and with eps inside
`grad_input` are off by less than 2**-255 of themselves. With eps outside, L is off by less than
2**-255 * eps / (sqrt(var) + eps) of itself: harmless even where the brackets cancel down to the
share of eps in them, as they do for n = 2.
"""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect
from bnparity_reference.rational import root, total, ulps

__all__ = ["batch_norm", "root", "ulps"]

Array = NDArray[np.float64]
#: A number, or None where its definition divides by zero.
Value: TypeAlias = Fraction | None


@dataclass(frozen=True, kw_only=True)
class _Channel:
    """One channel's arguments: n values in `x` and `grad`, numbers in the others."""

    x: list[Fraction]
    grad: list[Fraction]
    weight: Fraction
    bias: Fraction
    running_mean: Fraction
    running_var: Fraction


@dataclass(frozen=True, kw_only=True)
class _Normalization:
    """What stands under y and `grad_input`: d, 1 / s and L; N is None for constant statistics."""

    centred: list[Fraction]
    inverse: Value
    log_slope: Fraction
    divisor: int | None


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
) -> dict[str, NDArray[np.object_]]:
    """Return what `dialect` promises for one call of BatchNorm, in fractions.

    Parameters
    ----------
    x
        The data: channels on axis 1, any rank from 2. All numbers are finite, here and below.
    weight, bias, running_mean, running_var
        ``(C,)``, or None: not affine, not tracked. One that the dialect ignores is not looked at.
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
    dict
        By name: ``output`` and ``grad_input`` like `x`; ``running_mean``, ``running_var``,
        ``grad_weight`` and ``grad_bias`` ``(C,)``. The elements are fractions, or None where the
        definition divides by zero: no values, n - 1 = 0, a denominator of 0. Without both running
        statistics, or without `grad_output`, what would follow from them is left out.

    Raises
    ------
    ValueError
        If a number is not finite, a shape does not fit, `momentum` is None and the dialect refuses
        that, or what is under the root is negative.

    Examples
    --------
    >>> x = np.array([[1.0], [5.0]])
    >>> exact = batch_norm(x, dialect=Dialect(), training=True, momentum=0.1, eps=5.0)
    >>> [str(y) for y in exact["output"][:, 0]]
    ['-2/3', '2/3']
    """
    share = _share_of_batch(dialect, training, momentum, batches_tracked)
    given = _fraction(eps) if dialect.eps == "applied" else Fraction(0)
    used_eps = max(given, _fraction(dialect.eps_floor))
    tracked = running_mean is not None and running_var is not None
    source = dialect.train_statistics if training else dialect.eval_statistics
    weight = weight if dialect.weight == "applied" else None
    bias = bias if dialect.bias == "applied" else None
    answers: list[dict[str, list[Value]]] = []
    for channel in _channels(x, grad_output, weight, bias, running_mean, running_var):
        used = _normalization(channel, dialect, used_eps, running=tracked and source == "running")
        if dialect.gradient == "textbook":
            used = _by_the_textbook(channel, dialect, used, training=training or not tracked)
        update = _update(channel, dialect, share)
        answers.append(_forward(channel, used) | update | _backward(channel, used))
    names = ["output"]
    names += ["running_mean", "running_var"] if tracked else []
    names += [] if grad_output is None else ["grad_input", "grad_weight", "grad_bias"]
    return {name: _gathered([answer[name] for answer in answers], name, x) for name in names}


def _share_of_batch(
    dialect: Dialect, training: bool, momentum: float | None, batches_tracked: int
) -> Fraction | None:
    """Return the weight of this batch in the running statistics; None leaves them as they are."""
    if momentum is None and dialect.momentum_none == "refused":
        raise ValueError("momentum=None: this dialect has no cumulative average")
    share = Fraction(1, batches_tracked + 1) if momentum is None else _fraction(momentum)
    if momentum is not None and dialect.momentum == "old":
        share = 1 - share
    moves = {"always": True, "training": training, "never": False}
    return share if moves[dialect.running_update] else None


def _normalization(
    channel: _Channel, dialect: Dialect, eps: Fraction, *, running: bool
) -> _Normalization:
    divisor = _divisor(channel, dialect.normalizing_variance)
    mean, var = _mean(channel.x), _variance(channel, divisor)
    if running:
        mean, var = channel.running_mean, channel.running_var
    constant = running or dialect.grad_statistics == "constant"
    inverse, log_slope = (None, Fraction(0)) if var is None else _scale(var, eps, dialect)
    return _Normalization(
        centred=_centred(channel.x, mean),
        inverse=inverse,
        log_slope=log_slope,
        divisor=None if constant else divisor,
    )


def _by_the_textbook(
    channel: _Channel, dialect: Dialect, used: _Normalization, *, training: bool
) -> _Normalization:
    """Return `used` with the gradient of eps inside and n, whatever 1 / s was made of."""
    through = training and dialect.grad_statistics == "differentiated"
    inverse = used.inverse or Fraction(0)
    return replace(used, log_slope=inverse**2, divisor=len(channel.x) if through else None)


def _scale(var: Fraction, eps: Fraction, dialect: Dialect) -> tuple[Value, Fraction]:
    """Return 1 / s and L."""
    if dialect.eps_placement == "inside":
        s, product = root(var + eps), var + eps
    else:
        deviation = root(var)
        s, product = deviation + eps, var + eps * deviation
    return (1 / s if s else None), (1 / product if product else Fraction(0))


def _forward(channel: _Channel, used: _Normalization) -> dict[str, list[Value]]:
    if used.inverse is None:
        return {"output": [None] * len(channel.x)}
    factor = channel.weight * used.inverse
    return {"output": [factor * d + channel.bias for d in used.centred]}


def _backward(channel: _Channel, used: _Normalization) -> dict[str, list[Value]]:
    grad, n = channel.grad, len(channel.x)
    if n == 0:  # sums of no terms, whatever they would be divided by
        return {"grad_input": [], "grad_weight": [Fraction(0)], "grad_bias": [Fraction(0)]}
    grad_bias = total(grad)
    if used.inverse is None:
        return {"grad_input": [None] * n, "grad_weight": [None], "grad_bias": [grad_bias]}
    projection = total(g * d for g, d in zip(grad, used.centred, strict=True))
    mean = through_var = Fraction(0)
    if used.divisor is not None:
        mean, through_var = grad_bias / n, projection / used.divisor * used.log_slope
    factor = channel.weight * used.inverse
    brackets = (g - mean - d * through_var for g, d in zip(grad, used.centred, strict=True))
    return {
        "grad_input": [factor * bracket for bracket in brackets],
        "grad_weight": [projection * used.inverse],
        "grad_bias": [grad_bias],
    }


def _update(channel: _Channel, dialect: Dialect, share: Fraction | None) -> dict[str, list[Value]]:
    mean, var = channel.running_mean, channel.running_var
    if share is None or (not channel.x and dialect.empty_batch == "unchanged"):
        return {"running_mean": [mean], "running_var": [var]}
    batch_mean = _mean(channel.x)
    batch_var = _variance(channel, _divisor(channel, dialect.running_variance))
    return {
        "running_mean": [_averaged(mean, batch_mean, share)],
        "running_var": [_averaged(var, batch_var, share)],
    }


def _averaged(old: Fraction, batch: Value, share: Fraction) -> Value:
    return None if batch is None else (1 - share) * old + share * batch


def _mean(x: list[Fraction]) -> Value:
    return total(x) / len(x) if x else None


def _centred(x: list[Fraction], mean: Value) -> list[Fraction]:
    return [] if mean is None else [value - mean for value in x]


def _variance(channel: _Channel, divisor: int) -> Value:
    centred = _centred(channel.x, _mean(channel.x))
    return total(d**2 for d in centred) / divisor if divisor > 0 else None


def _divisor(channel: _Channel, estimator: str) -> int:
    return len(channel.x) - {"biased": 0, "unbiased": 1}[estimator]


def _fraction(number: float) -> Fraction:
    if not math.isfinite(number):
        raise ValueError(f"{number} among the arguments: exact arithmetic needs finite numbers")
    return Fraction(number)


def _channels(x: Array, grad: Array | None, *per_channel: Array | None) -> list[_Channel]:
    """Return the arguments of every channel; what is not given is 0, or where it scales, 1."""
    shape = np.shape(x)
    if len(shape) < 2:
        raise ValueError(f"x has {len(shape)} axes: the channels are on axis 1")
    zeros, ones = np.zeros(shape[1]), np.ones(shape[1])
    numbers = [
        _rows(np.expand_dims(default if given is None else given, 0), (1, shape[1]))
        for given, default in zip(per_channel, (ones, zeros, zeros, ones), strict=True)
    ]
    rows = _rows(x, shape), _rows(np.zeros(shape) if grad is None else grad, shape)
    return [
        _Channel(x=x_, grad=g, weight=w[0], bias=b[0], running_mean=mean[0], running_var=var[0])
        for x_, g, w, b, mean, var in zip(*rows, *numbers, strict=True)
    ]


def _rows(array: Array, shape: tuple[int, ...]) -> list[list[Fraction]]:
    """Return the values of every channel of an array that must have this shape."""
    if np.shape(array) != shape:
        raise ValueError(f"an argument has shape {np.shape(array)} where {shape} belongs")
    channels = np.moveaxis(np.asarray(array, dtype=np.float64), 1, 0)
    return [[_fraction(value) for value in channel.ravel().tolist()] for channel in channels]


def _gathered(rows: list[list[Value]], name: str, x: Array) -> NDArray[np.object_]:
    """Return the values of every channel in the shape of the argument that `name` belongs to."""
    values = np.array([value for row in rows for value in row], dtype=np.object_)
    if name not in {"output", "grad_input"}:
        return values
    n, channels, *others = np.shape(x)
    return np.moveaxis(values.reshape(channels, n, *others), 0, 1)
