"""torch.nn.BatchNorm1d to 3d and SyncBatchNorm on the local kernel: NumPy in, NumPy out.

Names, defaults, modes, state and refusals are those of PyTorch 2.13 on the CPU. An array stands for
a tensor, a parameter and a buffer; a format of NumPy's, or its name, for a ``torch.dtype``.

Where PyTorch accepts what makes no sense, the layers do not: ``num_features`` as a list, parameters
of a format that BatchNorm does not compute in, integers that are no values at all. And data without
values are computed with no channels too, where PyTorch raises an IndexError.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from bnparity.backends import Array
from bnparity.kernels import Moments
from bnparity.layers import ranks
from bnparity.layers.layer import Gradients
from bnparity.layers.torch_layer import BatchNorm

__all__ = ["BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Gradients", "SyncBatchNorm"]


class BatchNorm1d(BatchNorm):
    """torch.nn.BatchNorm1d: data ``(N, C)`` or ``(N, C, L)``.

    Examples
    --------
    >>> layer = BatchNorm1d(1)
    >>> layer(np.array([[1.0], [3.0]], np.float32)).round(4).ravel()
    array([-1.,  1.], dtype=float32)
    >>> layer.running_mean
    array([0.2], dtype=float32)
    """

    _ranks = (2, 3)


class BatchNorm2d(BatchNorm):
    """torch.nn.BatchNorm2d: data ``(N, C, H, W)``.

    Examples
    --------
    >>> BatchNorm2d(3)
    BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """

    _ranks = (4,)


class BatchNorm3d(BatchNorm):
    """torch.nn.BatchNorm3d: data ``(N, C, D, H, W)``.

    Examples
    --------
    >>> BatchNorm3d(1).backward(np.zeros((1, 1, 1, 1, 1)))
    Traceback (most recent call last):
    RuntimeError: backward: there was no forward call to go back through
    """

    _ranks = (5,)


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

    @classmethod
    def convert_sync_batchnorm(cls, module: BatchNorm, process_group: Any | None = None) -> Self:
        """Return a layer with the settings, the mode and the arrays, no copies, of `module`.

        PyTorch has no way back; a plain layer loads the state of one that synchronises.
        """
        made = cls(
            module.num_features,
            module.eps,
            module.momentum,
            module.affine,
            module.track_running_stats,
            process_group,
            bias=module.bias is not None,
        )
        for name, array in module.state_dict().items():
            setattr(made, name, array)
        return made.train(module.training)

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
            if self.training and self.track_running_stats and self.num_batches_tracked is None:
                raise AssertionError("num_batches_tracked=None: give an array to count batches in")
        self.synchronised = self.training
        return super()._admitted(x)

    def _check_batch(self, x: Array) -> None:
        """Leave what is too few values for when all ranks have said how many they hold."""
        if not self.synchronised:
            super()._check_batch(x)
        elif x.size and any(array is not None for array in vars(self._given()).values()):
            return  # these say how many channels there are
        elif x.shape[1] != self.num_features:  # also of an empty shard: others merge what it says
            raise RuntimeError(f"input has {x.shape[1]} channels: give {self.num_features}")

    def merge(self, parts: Sequence[Moments]) -> Moments:
        """Refuse a rank that is alone with one value per channel; else do as others do."""
        if len(parts) == 1 and parts[0].count == 1:
            raise ValueError(
                f"input has shape (1, {len(parts[0].mean)}, ...), one value per channel: give "
                "more, or more ranks"
            )
        return super().merge(parts)
