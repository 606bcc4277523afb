"""Statistics over something else than a channel: a channel of one image, a position, or all values.

What shares a mean and a variance is made a channel of its own, and the oracle asked about that,
without weight and bias, which are put to its answer afterwards. Those last steps are float64's own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect, Extent
from bnparity_reference.masks import Mask, read_by, rows_of, without_nan
from bnparity_reference.readings import axis_of, data_of, shown_of
from bnparity_reference.records import Exact, Forward, Groups, Regrouped, Statistics, Update
from bnparity_reference.rows import column, from_rows, to_rows
from bnparity_reference.scalars import (
    applied_weight,
    counted_by,
    eps_of,
    parameters_divided_by,
    weights_of,
)

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The arguments of a call: ``x``, ``grad`` (C, n), the others (C, 1); None where there is none.

    ``weights`` are those of old running statistics and batch; ``degrees`` is what the mean square
    of a group is multiplied by before it enters them. ``sign`` is that of a weight whose magnitude
    is applied. ``like`` is the data as given, with its channels on ``axis``. ``grad_mean`` and
    ``grad_var`` (C,) are what a loss has by the new running statistics.
    """

    x: Array
    grad: Array | None
    weight: Array
    sign: Array | None
    bias: Array
    old_mean: Array | None
    old_var: Array | None
    weights: tuple[float, float] | None
    degrees: float
    like: Array
    axis: int
    mask: Mask | None = None
    grad_mean: Array | None = None
    grad_var: Array | None = None


def groups_of(extent: Extent, shape: tuple[int, int], images: int) -> Groups:
    """Return which values share statistics, in rows of a `shape` (C, n) that hold `images`."""
    channels, n = shape
    places = np.arange(channels * n).reshape(channels, images, n // images)
    grouped = {
        "channel": places.reshape(channels, n),
        "instance": places.reshape(channels * images, -1),
        "position": places.transpose(0, 2, 1).reshape(-1, images),
        "layer": places.reshape(1, -1),
    }
    return Groups(members=grouped[extent], channels=channels)


def regroups(dialect: Dialect, *, training: bool, tracked: bool) -> bool:
    """Return whether a call normalises by statistics of something else than a channel."""
    source = dialect.train_statistics if training else dialect.eval_statistics
    return dialect.statistics_over != "channel" and (source == "batch" or not tracked)


@np.errstate(all="ignore")  # here infinity and NaN are answers
def over_groups(
    oracle: Callable[..., Exact],
    x: Array,
    state: Sequence[Array | None],
    *,
    dialect: Dialect,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_output: Array | None,
    statistics_grads: Sequence[Array | None],
    mask: Mask | None,
    batches_tracked: int,
    channel_axis: int,
) -> Exact:
    """Return the answer of `oracle`, `bnparity_reference.batch_norm`, asked about groups of `x`."""
    axis = axis_of(dialect, x.shape, state, channel_axis)
    weight, bias, *statistics = (column(a) for a in state)
    swapped = dialect.running_statistics == "swapped"
    old_mean, old_var = reversed(statistics) if swapped else statistics
    slopes = statistics_grads[::-1] if swapped else statistics_grads
    moves = weights_of(dialect, training, momentum, batches_tracked)
    values = to_rows(data_of(dialect, x), axis)
    left = None if mask is None else read_by(dialect, rows_of(mask, x, axis))
    rows = Rows(
        x=values,
        grad=None if grad_output is None else to_rows(grad_output, axis),
        weight=_ones_if_none(applied_weight(dialect, weight), values),
        sign=np.sign(weight) if weight is not None and dialect.weight == "absolute" else None,
        bias=np.zeros((len(values), 1)) if bias is None or dialect.bias == "ignored" else bias,
        old_mean=old_mean,
        old_var=old_var,
        weights=None if moves is None else (float(moves[0].hi[0, 0]), float(moves[1].hi[0, 0])),
        degrees=_degrees(dialect, x.shape[0], values),
        like=x,
        axis=axis,
        mask=without_nan(dialect, left, values),
        grad_mean=slopes[0],
        grad_var=slopes[1],
    )
    groups = groups_of(dialect.statistics_over, (len(values), values.shape[1]), x.shape[0])
    exact = _answer(rows, groups, _asked(oracle, rows, groups, dialect, eps), (dialect, eps))
    exact = replace(exact, output=shown_of(dialect, exact.output))
    if swapped:
        return replace(exact, running_mean=exact.running_var, running_var=exact.running_mean)
    return exact


def _asked(
    oracle: Callable[..., Exact], rows: Rows, groups: Groups, dialect: Dialect, eps: float
) -> Exact:
    """Return the oracle's answer about groups as channels."""
    nothing = np.zeros(len(groups.members))
    return oracle(
        groups.taken(rows.x).T,
        running_mean=nothing,
        running_var=nothing,
        dialect=_of_group(dialect),
        training=True,
        momentum=1.0,
        eps=eps,
        grad_output=None if rows.grad is None else groups.taken(rows.grad * rows.weight).T,
        mask=None if rows.mask is None else rows.mask.ravel()[groups.members].T,
        **_by_statistics(rows, groups, dialect),
    )


def _by_statistics(rows: Rows, groups: Groups, dialect: Dialect) -> dict[str, Array]:
    """Return the gradients of the loss by the groups' own statistics, if it has any."""
    if rows.grad_mean is None or rows.grad_var is None:
        return {}
    if rows.weights is None or dialect.stored_variance != "variance":
        return {}
    share = rows.weights[1]
    return {
        "grad_running_mean": groups.by_group(share * rows.grad_mean),
        "grad_running_var": groups.by_group(share * rows.degrees * rows.grad_var),
    }


def _answer(rows: Rows, groups: Groups, inner: Exact, asked: tuple[Dialect, float]) -> Exact:
    xh = groups.put_back(inner.output.T)
    assert inner.running_mean is not None
    assert inner.running_var is not None
    mean, var = (groups.by_channel(a) for a in (inner.running_mean, inner.running_var))
    entering = Statistics(mean=mean[:, None], var=var[:, None] * rows.degrees)
    update = _update(rows, entering, *asked)
    entered = entering.var if update is None or update.entered is None else update.entered
    divisor = parameters_divided_by(asked[0], rows.x.shape[1], rows.like.shape[0])
    grads = _gradients(rows, groups, inner, xh, divisor)
    return Exact(
        output=from_rows(rows.weight * xh + rows.bias, rows.like, rows.axis),
        running_mean=None if update is None else _moved(update.old_mean, entering.mean, update),
        running_var=None if update is None else _moved(update.old_var, entered, update),
        grad_input=grads["grad_input"],
        grad_weight=grads["grad_weight"],
        grad_bias=grads["grad_bias"],
        forward=_forward(rows, inner, groups, mean, var),
        backward=inner.backward,
        update=update,
        entering=update,
        columns=slice(None),
        channel_axis=rows.axis,
        regrouped=Regrouped(
            inner=inner,
            groups=groups,
            weight=rows.weight,
            bias=rows.bias,
            grad=rows.grad,
            degrees=rows.degrees,
        ),
    )


def _of_group(dialect: Dialect) -> Dialect:
    """Return the dialect in which a group is asked for its output and its own statistics."""
    return replace(
        dialect,
        statistics_over="channel",
        parameter_gradients="summed",
        train_statistics="batch",
        momentum="new",
        momentum_value=None,
        running_average="blended",
        updates_per_call="1",
        running_variance="biased",
        running_variance_about="batch_mean",
        running_statistics="in_order",
        stored_variance="variance",
        channel_axis="1",
        nan="kept",
        mask="left_out",
        running_update="always",
        scalar_format="exact",
        bessel_count="values",
    )


def _ones_if_none(weight: Array | None, rows: Array) -> Array:
    return np.ones((len(rows), 1)) if weight is None else weight


def _degrees(dialect: Dialect, images: int, rows: Array) -> float:
    """Return what the mean square of a group is multiplied by, in the running variance."""
    if dialect.running_variance == "biased":
        return 1.0
    counted = int(counted_by(dialect, images, rows))
    least = 0 if dialect.bessel_count == "values" and dialect.single_value != "clamped" else 1
    degrees = max(counted - 1, least)
    return counted / degrees if degrees else np.nan


def _gradients(
    rows: Rows, groups: Groups, inner: Exact, xh: Array, divisor: int
) -> dict[str, Array | None]:
    if rows.grad is None or inner.grad_input is None:
        return dict.fromkeys(("grad_input", "grad_weight", "grad_bias"))
    sums = np.sum(rows.grad * xh, axis=1), np.sum(rows.grad, axis=1)
    by_weight, by_bias = (total / divisor for total in sums)
    return {
        "grad_input": from_rows(groups.put_back(inner.grad_input.T), rows.like, rows.axis),
        "grad_weight": by_weight if rows.sign is None else by_weight * rows.sign[:, 0],
        "grad_bias": by_bias,
    }


def _update(rows: Rows, entering: Statistics, dialect: Dialect, eps: float) -> Update | None:
    if rows.old_mean is None or rows.old_var is None:
        return None
    kept, share = rows.weights or (None, None)
    entered = None
    if dialect.stored_variance == "inverse_deviation":
        entered = 1.0 / _denominator(entering.var, eps_of(dialect, eps), dialect)
    return Update(
        kept=kept,
        share=share,
        batch=None if share is None else entering,
        old_mean=rows.old_mean,
        old_var=rows.old_var,
        entered=entered,
        eps=eps_of(dialect, eps),
    )


def _denominator(var: Array, eps: float, dialect: Dialect) -> Array:
    if dialect.denominator == "variance":
        return var + eps
    root: Array = np.sqrt(var + (eps if dialect.eps_placement == "inside" else 0.0))
    return root + eps if dialect.eps_placement == "outside" else root


def _moved(old: Array, batch: Array, update: Update) -> Array:
    if update.share is None or update.kept is None:
        return old[:, 0]
    moved: Array = update.kept * old[:, 0] + update.share * batch[:, 0]
    return moved


def _forward(rows: Rows, inner: Exact, groups: Groups, mean: Array, var: Array) -> Forward:
    """Return rows that tell, a channel each, of statistics on average."""
    scale, mask = groups.by_channel(inner.forward.scale[:, 0]), inner.forward.mask
    return replace(
        inner.forward,
        x=rows.x,
        used=Statistics(mean=mean[:, None], var=var[:, None]),
        scale=scale[:, None],
        weight=rows.weight,
        bias=rows.bias,
        mask=None if mask is None else groups.put_back(mask.astype(np.float64)) != 0.0,
        divisor=None,
    )
