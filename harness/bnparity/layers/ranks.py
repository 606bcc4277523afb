"""Ranks that share a batch: who they are, and replicas in one process that work phase by phase.

Real ranks are processes, which tell each other their moments through a `Group`. Replicas in one
process need no such thing: `forward` and `backward` take all of them through each phase in turn
and hand over what the others have found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from bnparity.backends import Array
from bnparity.kernels import Moments, Sums, added, merged
from bnparity.layers.layer import Gradients, Layer


@runtime_checkable
class Group(Protocol):
    """What one rank sees of the ranks that it synchronises with."""

    @property
    def rank(self) -> int:
        """The place of this rank in the group."""

    @property
    def size(self) -> int:
        """How many ranks the group has."""

    def all_gather(self, array: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return the `array` of every rank, in their order; all have one shape."""

    def subgroup(self, ranks: Sequence[int]) -> "Group":
        """Return the group of some `ranks` of this one, of which this rank is one."""


@dataclass(frozen=True, kw_only=True)
class InProcess:
    """One of several replicas in this process: its ``rank`` is its place in ``members``.

    These are the places of the group's replicas among all.
    """

    members: tuple[int, ...]
    rank: int

    @property
    def size(self) -> int:
        """How many replicas the group has."""
        return len(self.members)

    def all_gather(self, array: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Raise RuntimeError if there is another: it cannot be waited for in this process."""
        if self.size > 1:
            raise RuntimeError(
                f"rank {self.rank} of {self.size} in this process was called by itself: call all "
                "replicas together, with bnparity.layers.ranks.forward and backward"
            )
        return [array]

    def subgroup(self, ranks: Sequence[int]) -> "InProcess":
        """Return the group of some `ranks` of this one, of which this rank is one."""
        members = tuple(self.members[rank] for rank in ranks)
        return InProcess(members=members, rank=list(ranks).index(self.rank))


class Replica(Layer):
    """What a layer of either API needs to synchronise: its ranks, and what their parts make."""

    #: Whether the last forward pass, once begun, is one that synchronises.
    synchronised = False
    _group: Group | None = None

    @property
    def group(self) -> Group | None:
        """The ranks to synchronise with; None for all that are called together."""
        return self._group

    def merged(self, own: Moments) -> Moments:
        """Return the moments of the whole batch, of which this rank has its `own`."""
        if not self.synchronised:
            return own
        group = self.group
        if group is None:
            return self.merge([own])
        heard = group.all_gather(np.concatenate([[float(own.count)], own.mean, own.m2]))
        parts = [np.split(array, (1, 1 + len(own.mean))) for array in heard]
        return self.merge([Moments(count=int(n[0]), mean=mean, m2=m2) for n, mean, m2 in parts])

    def merge(self, parts: Sequence[Moments]) -> Moments:
        """Return the moments of the whole batch, given those of every rank."""
        return merged(parts)

    def added(self, own: Sums) -> Sums:
        """Return the sums over the whole batch, of which this rank has its `own`."""
        group = self.group
        if group is None or not self.synchronised:
            return own
        heard = group.all_gather(np.concatenate([own.grad, own.projection]))
        halves = [np.split(array, 2) for array in heard]
        return added([Sums(grad=grad, projection=projection) for grad, projection in halves])


def in_process(size: int) -> list[InProcess]:
    """Return for each of `size` replicas in this process its view of them all.

    Examples
    --------
    >>> in_process(4)[2].subgroup([0, 2])
    InProcess(members=(0, 2), rank=1)
    """
    return [InProcess(members=tuple(range(size)), rank=rank) for rank in range(size)]


@np.errstate(all="ignore")  # overflow and 0 / 0 have the IEEE results, without a warning
def forward(replicas: Sequence[Replica], shards: Sequence[Array]) -> list[Array]:
    """Return the output of each replica for its shard, after all have merged their moments.

    Parameters
    ----------
    replicas
        One layer a rank, in the order of the ranks.
    shards
        The data of each, ``(N, C, *spatial)``; sizes may differ, and N be 0.

    Raises
    ------
    ValueError
        If there is not a shard for each replica, or some of a group train while others do not.
    """
    groups = _groups(replicas, shards, "shards")
    own = [replica.batch_moments(x) for replica, x in zip(replicas, shards, strict=True)]
    _check_modes(replicas, groups)
    outputs = []
    for replica, x, members, batch in zip(replicas, shards, groups, own, strict=True):
        parts = [part for part in (own[rank] for rank in members) if part is not None]
        whole = replica.merge(parts) if replica.synchronised else batch
        outputs.append(replica.normalized(x, whole))
    return outputs


@np.errstate(all="ignore")
def backward(replicas: Sequence[Replica], grad_outputs: Sequence[Array]) -> list[Gradients]:
    """Return the gradients of each replica's last forward pass, after all have added their sums.

    Those by the parameters are each rank's own share: their sum is that of the whole batch.

    Parameters
    ----------
    replicas
        As for `forward`.
    grad_outputs
        The gradient of a loss by each rank's output.

    Raises
    ------
    ValueError
        If there is not a gradient for each replica, or some of a group train while others do not.
    """
    groups = _groups(replicas, grad_outputs, "grad_outputs")
    _check_modes(replicas, groups)
    own = [replica.grad_sums(g) for replica, g in zip(replicas, grad_outputs, strict=True)]
    gradients = []
    for replica, grad, members, sums in zip(replicas, grad_outputs, groups, own, strict=True):
        total = added([own[rank] for rank in members]) if replica.synchronised else sums
        gradients.append(replica.gradients(grad, sums, total))
    return gradients


def _groups(
    replicas: Sequence[Replica], arrays: Sequence[Array], name: str
) -> list[tuple[int, ...]]:
    """Return for each replica the places of those in its group."""
    size, groups = len(replicas), []
    if len(arrays) != size:
        raise ValueError(f"{name} has {len(arrays)} arrays: give one to each of {size}")
    for rank, (replica, everyone) in enumerate(zip(replicas, in_process(size), strict=True)):
        group = everyone if replica.group is None else replica.group
        if not isinstance(group, InProcess):
            raise ValueError(f"replica {rank} has the group {group!r}: call it in its own process")  # noqa: TRY004  # the group is no argument
        if group.members[group.rank] != rank or max(group.members) >= size:
            said = f"was made as rank {group.rank} of {group.members}: give them in their order"
            raise ValueError(f"replica {rank} of {size} {said}")
        groups.append(group.members)
    return groups


def _check_modes(replicas: Sequence[Replica], groups: Sequence[tuple[int, ...]]) -> None:
    for rank, members in enumerate(groups):
        for other in members:
            if replicas[other].synchronised != replicas[rank].synchronised:
                raise ValueError(f"ranks {rank} and {other} of one group are in different modes")
