"""Ranks that are processes, and talk over ``torch.distributed``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class TorchGroup:
    """The own process among those of a process group, on a backend that takes tensors of the CPU.

    Parameters
    ----------
    process_group
        One that ``torch.distributed`` has made; None is all processes.
    """

    process_group: Any = None

    @property
    def rank(self) -> int:
        """The place of this process in the group."""
        import torch.distributed as dist

        return dist.get_rank(self.process_group)

    @property
    def size(self) -> int:
        """How many processes the group has."""
        import torch.distributed as dist

        return dist.get_world_size(self.process_group)

    def all_gather(self, array: Array) -> list[Array]:
        """Return the `array` of every rank, in their order; all have one shape."""
        import torch
        import torch.distributed as dist

        own = torch.from_numpy(np.ascontiguousarray(array, dtype=np.float64))
        heard = [torch.empty_like(own) for _ in range(self.size)]
        dist.all_gather(heard, own, group=self.process_group)
        return [tensor.numpy() for tensor in heard]

    def subgroup(self, ranks: Sequence[int]) -> "TorchGroup":
        """Return the group of some `ranks` of this one; each of them has to ask for it."""
        import torch.distributed as dist

        world = dist.get_process_group_ranks(self.process_group)
        everywhere = [world[rank] for rank in ranks]
        made = dist.new_group(everywhere, use_local_synchronization=True)
        return TorchGroup(process_group=made)
