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
A loss that depends on the new running statistics, with the gradients gm and gv by them, and the
share s of the batch in them, adds s * (gm / n + 2 * d * gv / N) where that is let through.
With a mask, the sums of mean and variance are over the values that it leaves in, of which there are
n, and so are the two terms behind g; sums with g are over all values.
The textbook's gradient has N = n and L = 1 / s**2 for any s, in training. Gradients by parameters
are divided by n where they are averaged.

All is exact but an irrational root, which is less than 2**-256 of itself too small. So running
statistics and `grad_bias` are exact; `output` less the bias, `grad_weight`, and with eps inside
`grad_input` are off by less than 2**-255 of themselves. With eps outside, L is off by less than
2**-255 * eps / (sqrt(var) + eps) of itself: harmless even where the brackets cancel down to the
share of eps in them, as they do for n = 2.
"""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect
from bnparity_reference.exact_arguments import (
    channels_of,
    fraction,
    with_mask,
    without_missing,
)
from bnparity_reference.exact_channel import answer
from bnparity_reference.exact_groups import over_groups
from bnparity_reference.exact_statistics import Settings, Value
from bnparity_reference.rational import root, ulps

__all__ = ["batch_norm", "root", "ulps"]

Array = NDArray[np.float64]

#: Outputs in the shape of the data.
LIKE_DATA = frozenset({"output", "grad_input"})


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
    mask: NDArray[np.bool_] | None = None,
    grad_running_mean: Array | None = None,
    grad_running_var: Array | None = None,
    batches_tracked: int = 0,
) -> dict[str, NDArray[np.object_]]:
    """Return what `dialect` promises for one call of BatchNorm, in fractions.

    Parameters
    ----------
    x
        The data: channels on axis 1, any rank from 2. All numbers are finite, here and below, but
        for NaN where the dialect replaces or ignores it.
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
    mask
        Of a shape that can be broadcast to that of `x`: True where a value takes part in the
        batch's mean and variance. None is True everywhere.
    grad_running_mean, grad_running_var
        The gradients of the loss by the new running statistics, ``(C,)``, where it depends on them.
    batches_tracked
        How many batches the running statistics hold already; counts where `momentum` is None.

    Returns
    -------
    dict
        By name: ``output`` and ``grad_input`` like `x`; ``running_mean``, ``running_var``,
        ``grad_weight`` and ``grad_bias`` ``(C,)``. The elements are fractions, or None where the
        definition divides by zero or takes the root of less: no values, n - 1 = 0, a denominator of
        0. Without both running statistics, or without `grad_output`, what would follow from them is
        left out.

    Raises
    ------
    ValueError
        If a number is not finite, a shape does not fit, `momentum` is None and the dialect refuses
        that.

    Examples
    --------
    >>> x = np.array([[1.0], [5.0]])
    >>> exact = batch_norm(x, dialect=Dialect(), training=True, momentum=0.1, eps=5.0)
    >>> [str(y) for y in exact["output"][:, 0]]
    ['-2/3', '2/3']
    """
    missing = np.isnan(x)
    x = _data(x, dialect)
    left = None if mask is None else _left_in(mask, np.shape(x), dialect)
    shown = left if dialect.masked_output == "zero" else None
    if grad_output is not None and shown is not None:
        grad_output = np.where(shown, grad_output, 0.0)
    turned = _channels_last(x, dialect, weight, bias, running_mean, running_var)
    if turned:
        x, missing = (np.moveaxis(a, -1, 1) for a in (x, missing))
        left = None if left is None else np.moveaxis(left, -1, 1)
        grad_output = None if grad_output is None else np.moveaxis(grad_output, -1, 1)
    weights = _weights(dialect, training, momentum, batches_tracked)
    tracked = running_mean is not None and running_var is not None
    source = dialect.train_statistics if training else dialect.eval_statistics
    entering = _weights(_moving(dialect, source), training, momentum, batches_tracked)
    settings = Settings(
        dialect=dialect,
        eps=_eps(dialect, eps),
        weights=weights,
        entering=entering,
        source=source if tracked else "batch",
        tracked=tracked,
        training=training or not tracked,
        bessel=_counted(dialect, np.shape(x)),
    )
    weight = None if dialect.weight == "ignored" else weight
    bias = bias if dialect.bias == "applied" else None
    statistics, slopes = [running_mean, running_var], [grad_running_mean, grad_running_var]
    names = ["output"]
    if tracked:
        names += ["running_mean", "running_var"]
    if dialect.running_statistics == "swapped":
        statistics.reverse()
        slopes.reverse()
    names += [] if grad_output is None else ["grad_input", "grad_weight", "grad_bias"]
    channels = channels_of(x, grad_output, weight, bias, *statistics, *slopes)
    if left is not None and dialect.mask != "ignored":
        channels = with_mask(channels, left, dialect)
    if dialect.nan == "ignored" and missing.any():
        channels = without_missing(channels, missing)
    if np.size(x) and dialect.statistics_over != "channel" and settings.source == "batch":
        found = over_groups(channels, settings, np.shape(x)[0])
    else:
        found = [answer(channel, settings) for channel in channels]
    summed = [
        _of_parameters(numbers, dialect, len(c.x), np.shape(x)[0])
        for c, numbers in zip(channels, found, strict=True)
    ]
    answers = [_placed(numbers, dialect) for numbers in summed]
    outputs = {name: _gathered([numbers[name] for numbers in answers], name, x) for name in names}
    if shown is not None:
        hidden = ~(np.moveaxis(shown, -1, 1) if turned else shown)
        outputs["output"][hidden] = Fraction(0)
    return {
        name: np.moveaxis(values, 1, -1) if turned and name in LIKE_DATA else values
        for name, values in outputs.items()
    }


def _data(x: Array, dialect: Dialect) -> Array:
    """Return the data, with 0 in the place of NaN where that replaces it or nothing looks."""
    return np.where(np.isnan(x), 0.0, x) if dialect.nan in ("replaced", "ignored") else x


def _left_in(
    mask: NDArray[np.bool_], shape: tuple[int, ...], dialect: Dialect
) -> NDArray[np.bool_]:
    """Return where a mask leaves a value in, of data of a shape."""
    whole = np.broadcast_to(mask, shape)
    return ~whole if dialect.mask == "inverted" else whole


def _channels_last(x: Array, dialect: Dialect, *per_channel: Array | None) -> bool:
    """Return whether the channels are on the last axis, which needs arrays of its length."""
    lengths = {np.shape(array)[0] for array in per_channel if array is not None}
    return dialect.channel_axis == "last" and lengths <= {np.shape(x)[-1]}


def _moving(dialect: Dialect, source: str) -> Dialect:
    """Return the dialect in which statistics move that normalise updated, kept or not."""
    return replace(dialect, running_update="always") if source == "updated" else dialect


def _of_parameters(
    found: dict[str, list[Value]], dialect: Dialect, n: int, images: int
) -> dict[str, list[Value]]:
    """Return the outputs, gradients by parameters as averages where they are; 0 of none."""
    if dialect.parameter_gradients == "summed":
        return found
    sums = {name: found[name] for name in ("grad_weight", "grad_bias")}
    divisor = max(n if dialect.parameter_gradients == "averaged" else images, 1)
    return found | {
        name: [None if value is None else value / divisor for value in values]
        for name, values in sums.items()
    }


def _placed(found: dict[str, list[Value]], dialect: Dialect) -> dict[str, list[Value]]:
    """Return the outputs as they are shown, running statistics in each other's place if swapped."""
    if dialect.nan == "hidden":
        found = {**found, "output": [Fraction(0) if y is None else y for y in found["output"]]}
    if dialect.running_statistics == "in_order":
        return found
    return {**found, "running_mean": found["running_var"], "running_var": found["running_mean"]}


def _eps(dialect: Dialect, asked: float) -> Fraction:
    """Return the eps that counts."""
    if dialect.eps_value is not None:
        return fraction(dialect.eps_value)
    held = _held(asked, dialect) if dialect.eps == "applied" else Fraction(0)
    return max(held, fraction(dialect.eps_floor))


def _weights(
    dialect: Dialect, training: bool, momentum: float | None, batches_tracked: int
) -> tuple[Fraction, Fraction] | None:
    """Return the weights of the old statistics and of the batch; None leaves them as they are."""
    momentum = momentum if dialect.momentum_value is None else dialect.momentum_value
    if momentum is None and dialect.momentum_none == "refused":
        raise ValueError("momentum=None: this dialect has no cumulative average")
    moves = {"always": True, "training": training, "never": False}
    if not moves[dialect.running_update]:
        return None
    share = _share(dialect, momentum, batches_tracked)
    kept, added = 1 - share, Fraction(1) if dialect.running_average == "summed" else share
    if dialect.updates_per_call == "2":
        return kept * kept, kept * added + added
    return kept, added


def _share(dialect: Dialect, momentum: float | None, batches_tracked: int) -> Fraction:
    """Return the weight of one batch."""
    if momentum is None:
        return Fraction(1, batches_tracked + 1)
    if dialect.running_average == "first_batch" and batches_tracked == 0:
        return Fraction(1)
    given = _held(momentum, dialect)
    share = given if dialect.momentum == "new" else 1 - given
    if dialect.running_average != "debiased" or share == 0:
        return share
    return share / (1 - (1 - share) ** (batches_tracked + 1))


def _held(number: float, dialect: Dialect) -> Fraction:
    """Return `number` in the format in which the dialect holds its scalars."""
    return fraction(float(np.float32(number)) if dialect.scalar_format == "float32" else number)


def _counted(dialect: Dialect, shape: tuple[int, ...]) -> int:
    """Return what an unbiased estimator counts."""
    if len(shape) < 2:
        raise ValueError(f"x has {len(shape)} axes: the channels are on axis 1")
    images, channels, *extents = shape
    plane = math.prod(extents)
    counts = {"values": images * plane, "images": images, "planes": plane}
    return counts.get(dialect.bessel_count, images * channels * plane)


def _gathered(rows: list[list[Value]], name: str, x: Array) -> NDArray[np.object_]:
    """Return the values of every channel in the shape of the argument that `name` belongs to."""
    values = np.array([value for row in rows for value in row], dtype=np.object_)
    if name not in LIKE_DATA:
        return values
    n, channels, *others = np.shape(x)
    return np.moveaxis(values.reshape(channels, n, *others), 0, 1)
