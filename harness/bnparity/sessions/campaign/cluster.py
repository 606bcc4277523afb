"""A campaign on a cluster: this process alone writes the state, and others draw the blocks.

It leases blocks, sends them away by the handful, counts what comes back, and sends again what a
lost machine has taken with it. Where to, only the `Cluster` knows.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import inf
from typing import Protocol

from bnparity.backends import UsageError
from bnparity.sessions.campaign import shrinking
from bnparity.sessions.campaign.contribution import Sample
from bnparity.sessions.campaign.errand import Brought, Errand, errand_of
from bnparity.sessions.campaign.job import FOLLOWING_SECONDS, Task
from bnparity.sessions.campaign.leases import (
    Lease,
    enter,
    finish_several,
    lease_several,
    least_first,
)
from bnparity.sessions.campaign.source import with_run
from bnparity.sessions.campaign.store import Store

#: Seconds that an errand is to take: it begins with the start of its backend, which it is to
#: outweigh, and what is lost with a machine is drawn again.
ERRAND_SECONDS = 20.0
#: How often an errand may be lost before it is taken for the cause.
MOST_LOSSES = 3
#: Seconds between two looks at a cluster.
_INTERVAL = 0.5


@dataclass(frozen=True, kw_only=True)
class Lost:
    """An errand has not come back, for a ``reason``: its machine is gone, or its process."""

    reason: str


class Cluster(Protocol):
    """Other machines, or whatever does errands at the same time."""

    def slots(self) -> int:
        """Return how many errands may be under way, at least one; machines come and go."""

    def send(self, errand: Errand) -> None:
        """Have an errand done somewhere."""

    def ended(self, seconds: float) -> list[tuple[Errand, Brought | Lost]]:
        """Wait up to so long for errands to end; return those that have."""

    def cancel(self) -> None:
        """Stop all errands that are under way."""


def run_on_cluster(
    store: Store,
    task: Task,
    cluster: Cluster,
    look: Callable[[], None],
    tell: Callable[[str], None],
) -> None:
    """Have a cluster do `task` on the state `store`; `look` is called now and then.

    What is lost and sent again, `tell` is told in a line.

    A `UsageError` if a machine says that it cannot do its part, or if the same blocks are lost
    again and again.
    """
    driver = _Driver(store=store, task=task, cluster=cluster, tell=tell, owner=enter(store))
    try:
        while driver.sends():
            look()
            for errand, came in cluster.ended(_INTERVAL):
                driver.settle(errand, came)
    finally:
        cluster.cancel()
        store.locks.leave()


@dataclass(kw_only=True)
class _Driver:
    """What is under way, and what is to be sent next; ``writing`` is how long a count takes."""

    store: Store
    task: Task
    cluster: Cluster
    tell: Callable[[str], None]
    owner: int
    under_way: list[Errand] = field(default_factory=list)
    again: list[Errand] = field(default_factory=list)
    losses: Counter[str] = field(default_factory=Counter)
    spent: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    counted: Counter[str] = field(default_factory=Counter)
    writing: float = 0.0
    begin: float = field(default_factory=time.monotonic)

    @property
    def left(self) -> float:
        """Seconds up to the deadline."""
        return self.begin + self.task.seconds - time.monotonic()

    @cached_property
    def to_shrink(self) -> dict[str, dict[str, Sample]]:
        """The symptoms of each backend whose smallest cases are not known yet."""
        return {backend: shrinking.unshrunk(self.store, backend) for backend in self.task.backends}

    @cached_property
    def empty(self) -> Mapping[str, Errand]:
        """An errand of each backend with all that it takes there, but for its blocks."""
        return {backend: errand_of(self.store, backend) for backend in self.task.backends}

    def sends(self) -> bool:
        """Send what there is room for; return whether there is anything to wait for."""
        while len(self.under_way) < self.cluster.slots() and (errand := self._next()):
            self.under_way.append(errand)
            self.cluster.send(errand)
        if self.left > -FOLLOWING_SECONDS:
            return bool(self.under_way)
        return any(errand.seconds == inf for errand in self.under_way)

    def settle(self, errand: Errand, came: Brought | Lost) -> None:
        """Count what an errand has brought, or note that it is to be sent again."""
        self.under_way.remove(errand)
        if isinstance(came, Lost):
            self._note_loss(errand, came.reason)
        elif errand.symptom:
            self._keep(errand, came)
        else:
            self._count(errand, came)

    def _next(self) -> Errand | None:
        if self.again and self.left > 0:
            return replace(self.again.pop(), seconds=self.left)
        return self._shrinking() or (self._drawing() if self.left > 0 else None)

    def _shrinking(self) -> Errand | None:
        under_way = {(errand.backend, errand.symptom) for errand in self.under_way}
        waiting = (
            replace(self.empty[backend], blocks=(int(first.place),), symptom=symptom)
            for backend, firsts in self.to_shrink.items()
            for symptom, first in firsts.items()
            if (backend, symptom) not in under_way
        )
        errand, seconds = next(waiting, None), self.left + FOLLOWING_SECONDS
        return replace(errand, seconds=seconds) if errand and seconds > 0 else None

    def _drawing(self) -> Errand | None:
        """Lease blocks of that backend which has the fewest errands under way."""
        under_way = Counter(errand.backend for errand in self.under_way)
        by_time = [b for b in least_first(self.store) if b in self.task.backends]
        for backend in sorted(by_time, key=lambda backend: under_way[backend]):
            most = self._handful(backend)
            leased = lease_several(self.store, self.owner, [backend], self.task.blocks, most)
            if leased:
                blocks = tuple(lease.block for lease in leased)
                # However little time a session has, it gets somewhere.
                seconds = self.left if self.counted else inf
                return replace(self.empty[backend], blocks=blocks, seconds=seconds)
        return None

    def _handful(self, backend: str) -> int:
        """Return how many blocks an errand is to have: all slots are to end at about one time."""
        if not self.counted[backend]:
            return 1
        slots = self.cluster.slots()
        seconds = max(ERRAND_SECONDS, 2 * slots * self.writing)  # or we would not keep up
        most = seconds * self.counted[backend] / max(self.spent[backend], 1e-3)
        share = inf if self.task.blocks is None else self.task.blocks / slots / 4
        return max(1, int(min(most, share)))

    def _note_loss(self, errand: Errand, reason: str) -> None:
        self.losses[errand.text] += 1
        if self.losses[errand.text] >= MOST_LOSSES:
            raise UsageError(
                f"{errand.text} came back from none of {MOST_LOSSES} machines, the last time for "
                f"{reason}: see what becomes of it without --ray"
            )
        self.tell(f"lost with a machine, and sent again: {errand.text} ({reason})")
        if not errand.symptom:
            self.again.append(errand)

    def _keep(self, errand: Errand, brought: Brought) -> None:
        with_run(self.store.facts(errand.backend)["source"], brought.run)
        firsts = shrinking.unshrunk(self.store, errand.backend)
        first = firsts.get(errand.symptom)
        if brought.ended and first is not None and int(first.place) == errand.blocks[0]:
            shrinking.keep(self.store, errand.backend, errand.symptom, first, brought.smallest)
        self.to_shrink[errand.backend] = shrinking.unshrunk(self.store, errand.backend)

    def _count(self, errand: Errand, brought: Brought) -> None:
        begin, backend = time.monotonic(), errand.backend
        leased = [Lease(backend=backend, block=b, owner=self.owner) for b in brought.blocks]
        found = brought.contribution
        finish_several(self.store, leased, found, brought.seconds, brought.run)
        self.spent[backend] += brought.seconds
        self.counted[backend] += len(leased)
        if any(what == "first" for what, _ in found.samples):
            self.to_shrink[backend] = shrinking.unshrunk(self.store, backend)
        self.writing = time.monotonic() - begin
