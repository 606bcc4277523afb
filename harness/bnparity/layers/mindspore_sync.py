"""mindspore.nn.SyncBatchNorm on the local kernel: ranks are replicas here, or processes."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

import numpy as np

from bnparity.layers import ranks
from bnparity.layers.formats import Array
from bnparity.layers.mindspore_layer import BatchNorm


class SyncBatchNorm(ranks.Replica, BatchNorm):
    """mindspore.nn.SyncBatchNorm: data ``(N, C)`` or ``(N, C, H, W)``, a shard on each rank.

    Where the statistics come from the batch they come from all that the ranks of a group hold.
    Shards may be empty. Gradients by gamma and beta are the rank's own share.

    MindSpore 2.10 on the CPU works for ranks that are alone in their group, and refuses others:
    without `process_groups` in the constructor, with them in the call. Here these work.

    Parameters
    ----------
    num_features, eps, momentum, affine, gamma_init, beta_init, moving_mean_init, moving_var_init, \
use_batch_statistics, dtype
        As for `BatchNorm1d`.
    process_groups
        Lists of ranks that synchronise with each other. A rank that is in none of them, or alone
        in its own, does not synchronise. None is all ranks; 0, which MindSpore does not document,
        is none.

    Raises
    ------
    TypeError
        If a rank in `process_groups` is not an int.
    ValueError
        If `process_groups` is no list of lists, a rank is not one of the world's or is in twice.

    Examples
    --------
    >>> world = ranks.in_process(4)
    >>> groups = [[0, 1], [2, 3]]
    >>> replicas = [
    ...     SyncBatchNorm.on(rank)(1, process_groups=groups).set_train() for rank in world
    ... ]
    >>> outputs = ranks.forward(replicas, [np.full((1, 1), x, "f4") for x in (1, 3, 50, 70)])
    >>> [float(output[0, 0].round(3)) for output in outputs]
    [-1.0, 1.0, -1.0, 1.0]
    """

    _ranks = (2, 4)

    #: All ranks, as this one sees them; None if it knows of no other.
    world: ClassVar[ranks.Group | None] = None

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float = 0.9,
        affine: bool = True,  # noqa: FBT002  # the signature is MindSpore's
        gamma_init: Any = "ones",
        beta_init: Any = "zeros",
        moving_mean_init: Any = "zeros",
        moving_var_init: Any = "ones",
        use_batch_statistics: bool | None = None,
        process_groups: Any = None,
        dtype: Any = np.float32,
    ) -> None:
        inits = (gamma_init, beta_init, moving_mean_init, moving_var_init)
        super().__init__(
            num_features, eps, momentum, affine, *inits, use_batch_statistics, "NCHW", dtype
        )
        self.process_groups = process_groups
        self._group = self._group_of(process_groups)

    @classmethod
    def on(cls, world: ranks.Group) -> type[Self]:
        """Return the class for rank `world.rank` of `world`: MindSpore's asks its process."""
        return type(cls.__name__, (cls,), {"world": world, "__doc__": cls.__doc__})

    def _group_of(self, process_groups: Any) -> ranks.Group | None:
        """Return the ranks to synchronise with; None for all that are called together."""
        if process_groups is None:
            return self.world
        world = self.world or ranks.in_process(1)[0]
        own = [world.rank]
        if process_groups != 0:
            _check_groups(process_groups, world.size)
            own = next((group for group in process_groups if world.rank in group), own)
        return world.subgroup(own)

    def _admitted(self, x: Array) -> bool:
        self.synchronised = self._is_training()
        return super()._admitted(x)


def _check_groups(process_groups: Any, size: int) -> None:
    """Refuse what MindSpore refuses, in its order; what is no list is a ValueError there, too."""
    said = f"process_groups={process_groups!r}: give lists of ranks"
    if not isinstance(process_groups, list):
        raise ValueError(said)  # noqa: TRY004  # MindSpore's type
    seen = set()
    for group in process_groups:
        if not isinstance(group, Iterable):
            raise TypeError(f"{said}, not {group!r}")
        for rank in group:
            if type(rank) is not int:
                raise TypeError(f"{said}, not {rank!r}")
            if not 0 <= rank < size:
                raise ValueError(f"{said} in [0, {size}), not {rank}")
            if rank in seen:
                raise ValueError(f"{said}, each once, not {rank} again")
            seen.add(rank)
    if not all(isinstance(group, list) for group in process_groups):
        raise ValueError(said)
