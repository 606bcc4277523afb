"""torch.nn.SyncBatchNorm on the local kernel: ranks are replicas in one process, or processes."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from bnparity.kernels import Moments
from bnparity.layers import ranks
from bnparity.layers.formats import Array
from bnparity.layers.torch_layer import BatchNorm


class SyncBatchNorm(ranks.Replica, BatchNorm):
    """torch.nn.SyncBatchNorm: data ``(N, C, *spatial)`` of 2 axes or more, a shard on each rank.

    In training the ranks normalise by all that they hold together, and move their running
    statistics by it. Shards may be empty, and one value per channel is enough where there are
    more ranks. In inference each rank works by itself, with its own statistics where none are
    tracked. Gradients by weight and bias are the rank's own share, as PyTorch's are: whoever trains
    in parallel adds them up.

    PyTorch's own layer trains on accelerators only; and after a step in which all shards are empty
    it has moved its statistics, where this one leaves them as `BatchNorm1d` does.

    Parameters
    ----------
    num_features, eps, momentum, affine, track_running_stats, device, dtype, bias
        As for `BatchNorm1d`.
    process_group
        A `bnparity.layers.ranks.Group`: some of the replicas in this process, or a
        `bnparity.layers.torch_ranks.TorchGroup`. None is all replicas that are called together
        with `bnparity.layers.ranks.forward`; a layer called by itself is then alone.

    Examples
    --------
    >>> replicas = [SyncBatchNorm(1), SyncBatchNorm(1)]
    >>> outputs = ranks.forward(replicas, [np.array([[1.0]], "f4"), np.array([[3.0]], "f4")])
    >>> [float(output[0, 0].round(3)) for output in outputs]
    [-1.0, 1.0]
    >>> replicas[0].running_mean == replicas[1].running_mean
    array([ True])
    """

    _ranks = tuple(range(2, 65))  # as many axes as an array can have

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,  # noqa: FBT002  # the signature is PyTorch's
        track_running_stats: bool = True,  # noqa: FBT002  # the same
        process_group: Any | None = None,
        device: Any = None,
        dtype: Any = None,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__(
            num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias
        )
        self.process_group = process_group

    @property
    def group(self) -> ranks.Group | None:
        """The ranks to synchronise with; None for all.

        Raises
        ------
        TypeError
            If `process_group` is no group.
        """
        group = self.process_group
        if group is None or isinstance(group, ranks.Group):
            return group
        raise TypeError(
            f"process_group={group!r}: give None, one of bnparity.layers.ranks.in_process, or "
            "bnparity.layers.torch_ranks.TorchGroup"
        )

    def _admitted(self, x: Array) -> bool:
        if isinstance(x, np.ndarray):
            if x.ndim < 2:
                raise ValueError(f"input has {x.ndim} axes, shape {x.shape}: give 2 axes or more")
            if x.shape[1] == 0:
                raise ValueError(f"input has shape {x.shape}: give a number of channels above 0")
        self.synchronised = self.training
        return super()._admitted(x)

    def check_batch(self, x: Array, *, from_batch: bool) -> None:
        """Leave what is too few values for when all ranks have said how many they hold."""
        if not self.synchronised:
            super().check_batch(x, from_batch=from_batch)
        elif x.shape[1] != self.num_features:  # also of an empty shard: others merge what it says
            raise RuntimeError(f"input has {x.shape[1]} channels: give {self.num_features}")

    def merge(self, parts: Sequence[Moments]) -> Moments:
        """Return the moments of the whole batch, given those of every rank.

        Raises
        ------
        ValueError
            If a rank is alone with one value per channel.
        """
        if len(parts) == 1 and parts[0].count == 1:
            raise ValueError("input has one value per channel: give more, or more ranks")
        return super().merge(parts)
