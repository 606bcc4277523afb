"""Synchronised BatchNorm: ranks that each hold a shard of the batch, and normalise by all of it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.dialect import Dialect
from bnparity_reference.oracle import batch_norm, of_ranks
from bnparity_reference.records import Exact

Array = NDArray[np.float64]


def sync_batch_norm(
    shards: Sequence[Array],
    weight: Array | None = None,
    bias: Array | None = None,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    *,
    dialect: Dialect,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_outputs: Sequence[Array] | None = None,
    batches_tracked: int = 0,
    channel_axis: int = 1,
) -> tuple[Exact, ...]:
    """Return what `dialect` promises each rank of one call of synchronised BatchNorm.

    In training the ranks merge their moments, as `bnparity_reference.merge` says, and add up the
    sums of the backward pass. In inference each rank works by itself, tracked or not, as
    ``torch.nn.SyncBatchNorm`` does.

    Parameters
    ----------
    shards
        The data of each rank, as `batch_norm` takes them: any number of shards, of any sizes that
        have the channels in common. They may be empty.
    grad_outputs
        The gradient of a loss by each rank's output, or None.
    weight, bias, running_mean, running_var, dialect, training, momentum, eps, batches_tracked
        As for `batch_norm`, the same for all ranks.
    channel_axis
        Where the channels are in each shard.

    Returns
    -------
    tuple of Exact
        For each rank its output and the gradient by its data, the running statistics, which all
        ranks have in common, and its share of the gradients by weight and bias: the sums over its
        own shard, which add up to those of the whole batch.

    Raises
    ------
    ValueError
        If there are no shards, if their channels differ, if `grad_outputs` are not like them, or
        if `momentum` is None and the dialect refuses that.

    Examples
    --------
    >>> shards = [np.array([[1.0]]), np.array([[3.0], [5.0]])]
    >>> of_one, of_two = sync_batch_norm(
    ...     shards, dialect=Dialect(), training=True, momentum=0.1, eps=4 / 3
    ... )
    >>> of_one.output.round(12).tolist(), of_two.output.round(12).tolist()
    ([[-1.0]], [[0.0], [1.0]])
    """
    _check(shards, grad_outputs, channel_axis)
    if training:
        return of_ranks(
            shards,
            (weight, bias, running_mean, running_var),
            dialect=dialect,
            training=training,
            momentum=momentum,
            eps=eps,
            grad_outputs=grad_outputs,
            batches_tracked=batches_tracked,
            channel_axis=channel_axis,
        )
    grads = [None] * len(shards) if grad_outputs is None else grad_outputs
    return tuple(
        batch_norm(
            shard,
            weight,
            bias,
            running_mean,
            running_var,
            dialect=dialect,
            training=training,
            momentum=momentum,
            eps=eps,
            grad_output=grad,
            batches_tracked=batches_tracked,
            channel_axis=channel_axis,
        )
        for shard, grad in zip(shards, grads, strict=True)
    )


def _check(
    shards: Sequence[Array], grad_outputs: Sequence[Array] | None, channel_axis: int
) -> None:
    if not shards:
        raise ValueError("shards is empty: there is at least one rank, though its shard may be")
    channels = {np.shape(shard)[channel_axis] for shard in shards}
    if len(channels) > 1:
        raise ValueError(f"shards have {sorted(channels)} channels: all ranks have the same")
    if grad_outputs is not None:
        shapes, wanted = ([np.shape(a) for a in arrays] for arrays in (grad_outputs, shards))
        if shapes != wanted:
            raise ValueError(f"grad_outputs have shapes {shapes}: they are like shards, {wanted}")
