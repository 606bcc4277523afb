"""BatchNorm as it is defined, for any dialect, in arithmetic that rounds once at the end.

Ioffe and Szegedy, "Batch Normalization" (2015): algorithm 1 forward, section 3 backward. Every
step is taken in double-double arithmetic, so that an output is the float64 number nearest to the
exact one, or the next: `bnparity_reference.exact` certifies it. A result that cancels nearly all
of its terms is off by up to `double_double.UNIT` of them, which the bounds of a judge include. The
channel axis is moved to the front and the others are flattened: a row is a channel, its n values.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.added import addend_of
from bnparity_reference.blocks import of_blocks
from bnparity_reference.call import Call
from bnparity_reference.compiled.loading import LOADING
from bnparity_reference.dialect import Dialect
from bnparity_reference.extents import over_groups, regroups
from bnparity_reference.gradients import backward_of, basis_of, gradients_of
from bnparity_reference.masks import hidden_by, read_by, rows_of, without_nan
from bnparity_reference.normalize import (
    Moments,
    columns_of,
    forward_of,
    moments_given,
    moments_of_batch,
    output_of,
    scale_of,
)
from bnparity_reference.readings import axis_of, data_of, shown_of
from bnparity_reference.records import Exact
from bnparity_reference.rows import column, from_rows, to_rows
from bnparity_reference.running import Averages, averages_of, named, update_of
from bnparity_reference.scalars import (
    applied_weight,
    counted_by,
    eps_of,
    leaves_averages,
    weights_of,
)
from bnparity_reference.scaled import has_extremes, scaled
from bnparity_reference.single_value import of_single_values

Array = NDArray[np.float64]


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
    mask
        Of a shape that can be broadcast to that of `x`: True where a value takes part in the
        batch's mean and variance. None is True everywhere.
    grad_running_mean, grad_running_var
        The gradients of the loss by the new running statistics, ``(C,)``, where it depends on them;
        without `grad_output` they count for nothing.
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
    state = (weight, bias, running_mean, running_var)
    told: dict[str, Any] = {
        "training": training,
        "momentum": momentum,
        "eps": eps,
        "mask": mask,
        "batches_tracked": batches_tracked,
        "channel_axis": channel_axis,
    }
    slopes = {"grad_running_mean": grad_running_mean, "grad_running_var": grad_running_var}
    hidden = hidden_by(dialect, mask, x)
    if hidden is not None:
        dialect = replace(dialect, masked_output="normalized")
        grad = None if grad_output is None else np.where(hidden, 0.0, grad_output)
        exact = batch_norm(x, *state, dialect=dialect, grad_output=grad, **(told | slopes))
        return replace(exact, output=np.where(hidden, 0.0, exact.output), hidden=hidden)
    tracked = running_mean is not None and running_var is not None
    if np.size(x) and regroups(dialect, training=training, tracked=tracked):
        data, grads = np.asarray(x, dtype=np.float64), (grad_running_mean, grad_running_var)
        about = {**told, "grad_output": grad_output, "statistics_grads": grads}
        return over_groups(batch_norm, data, state, dialect=dialect, **about)
    (exact,) = of_ranks(
        (x,),
        state,
        dialect=dialect,
        grad_outputs=None if grad_output is None else (grad_output,),
        statistics_grads=(grad_running_mean, grad_running_var),
        **told,
    )
    return exact


def of_ranks(
    shards: Sequence[Array],
    state: Sequence[Array | None],
    *,
    dialect: Dialect,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_outputs: Sequence[Array] | None,
    batches_tracked: int,
    channel_axis: int,
    mask: NDArray[np.bool_] | None = None,
    statistics_grads: Sequence[Array | None] = (None, None),
) -> tuple[Exact, ...]:
    """Return the answer for each of the ranks that hold the `shards` of one batch.

    `state` are weight, bias, running mean and running variance; the rest is as for `batch_norm`.
    A mask is one of a single rank's data.
    """
    asked = (training, momentum, batches_tracked)
    weights = weights_of(dialect, *asked)
    axis = axis_of(dialect, np.shape(shards[0]), state, channel_axis)
    columns, slopes = [column(a) for a in state], [column(a) for a in statistics_grads]
    if dialect.running_statistics == "swapped":
        columns[2:] = columns[:1:-1]
        slopes.reverse()
    tracked = columns[2] is not None and columns[3] is not None
    source = dialect.train_statistics if training else dialect.eval_statistics
    entering = weights
    if source == "updated":  # normalising by it is one thing, keeping it another
        entering = weights_of(replace(dialect, running_update="always"), *asked)
    own = [to_rows(data_of(dialect, shard), axis) for shard in shards]
    rows, grad = _side_by_side(own), None
    if grad_outputs is not None:
        grad = _side_by_side([to_rows(g, axis) for g in grad_outputs])
    left = None if mask is None else read_by(dialect, rows_of(mask, shards[0], axis))
    left = without_nan(dialect, left, rows)
    eps = eps_of(dialect, eps)
    given = (a for a in (*columns, *slopes) if a is not None)
    stay = leaves_averages(dialect, rows, source)
    singles = np.concatenate([np.array([[eps]]), *given])
    images = tuple(shard.shape[0] for shard in shards)
    call = Call(
        x=rows,
        grad=grad,
        weight=applied_weight(dialect, columns[0]),
        weight_sign=None if columns[0] is None else np.sign(columns[0]),
        bias=None if dialect.bias == "ignored" else columns[1],
        old_mean=columns[2],
        old_var=columns[3],
        eps=eps,
        weights=None if stay else weights,
        entering=None if stay else entering,
        source=source if tracked else "batch",
        training=training or not tracked,
        dialect=dialect,
        extreme=has_extremes(rows, grad, singles),
        counts=tuple(part.shape[1] for part in own),
        images=images,
        bessel=counted_by(dialect, sum(images), rows, left),
        mask=left,
        grad_mean=slopes[0],
        grad_var=slopes[1],
    )
    with LOADING.at_work():
        parts = of_blocks(_answer, call)
    return _taken_apart(call, parts, shards, axis)


def _side_by_side(rows: Sequence[Array]) -> Array:
    """Return the rows of all ranks as one, a rank's values after the other's."""
    return rows[0] if len(rows) == 1 else np.concatenate(rows, axis=1)


@np.errstate(all="ignore")  # here infinity and NaN are answers
def _taken_apart(
    call: Call, parts: Mapping[str, Array], shards: Sequence[Array], axis: int
) -> tuple[Exact, ...]:
    """Return the answers of the ranks, whose values stand side by side in the rows of `parts`."""
    parts = _in_place(call, parts)
    forward = forward_of(call, parts)
    backward = backward_of(call, parts, forward)
    update, ends = update_of(call, call.weights, parts), accumulate(call.counts)
    entering = update if call.entering is call.weights else update_of(call, call.entering, parts)
    exacts = []
    for rank, (shard, end) in enumerate(zip(shards, ends, strict=True)):
        own = slice(end - call.counts[rank], end)
        grads = parts.get("grad_input")
        exacts.append(
            Exact(
                output=shown_of(call.dialect, from_rows(parts["output"][:, own], shard, axis)),
                running_mean=_flat(parts, "running_mean"),
                running_var=_flat(parts, "running_var"),
                grad_input=None if grads is None else from_rows(grads[:, own], shard, axis),
                grad_weight=_flat(parts, "grad_weight", rank),
                grad_bias=_flat(parts, "grad_bias", rank),
                forward=forward,
                backward=backward,
                update=update,
                entering=entering,
                columns=own,
                channel_axis=axis,
            )
        )
    return tuple(exacts)


def _in_place(call: Call, parts: Mapping[str, Array]) -> Mapping[str, Array]:
    """Return the answers, with running mean and variance in the other's place if swapped."""
    if call.dialect.running_statistics == "in_order" or "running_mean" not in parts:
        return parts
    swapped = {"running_mean": parts["running_var"], "running_var": parts["running_mean"]}
    return {**parts, **swapped}


@np.errstate(all="ignore")
def _answer(call: Call) -> dict[str, Array]:
    """Return the outputs for a block of channels in rows, and the columns behind them."""
    gradient_of_batch = call.grad is not None and call.dialect.grad_statistics == "batch"
    batch = None
    moved = call.weights is not None or call.entering is not None
    if call.source == "batch" or moved or gradient_of_batch:
        batch = moments_of_batch(call)
    averages = entered = averages_of(call, call.weights, batch)
    if call.entering is not call.weights:
        entered = averages_of(call, call.entering, batch)
    used = _used(call, batch, entered)
    scale = scale_of(call, used, call.eps)
    columns = columns_of(used, scale)
    parts = {"output": output_of(call, used, scale), **columns, **named(averages)}
    if entered is not averages:
        parts = {**named(entered), **parts}
    if call.grad is not None:
        basis = basis_of(call, used, scale, batch, averages)
        parts |= gradients_of(call, basis, addend_of(call, batch))
        if basis.used is not used or basis.scale is not scale:  # else the very same, as is seen
            columns = columns_of(basis.used, basis.scale)
        parts |= {f"grad_{name}": column for name, column in columns.items()}
    return parts | of_single_values(call, parts)


def _used(call: Call, batch: Moments | None, averages: Averages | None) -> Moments:
    """Return the statistics that normalise."""
    if call.source == "batch" or averages is None:
        assert batch is not None
        return batch
    if call.source == "updated":
        return moments_given(call, averages.mean, averages.var)
    assert call.old_mean is not None
    assert call.old_var is not None
    old = (scaled(a, call.extreme) for a in (call.old_mean, call.old_var))
    return moments_given(call, *old)


def _flat(parts: Mapping[str, Array], name: str, place: int = 0) -> Array | None:
    return parts[name][:, place] if name in parts else None
