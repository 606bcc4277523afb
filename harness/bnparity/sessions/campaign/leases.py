"""Who draws which block: each is claimed before it is drawn, and counted once when it is done."""

import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count, islice
from types import MappingProxyType

from bnparity.sessions.campaign.aggregates import add
from bnparity.sessions.campaign.contribution import Contribution
from bnparity.sessions.campaign.store import Store


@dataclass(frozen=True, kw_only=True)
class Lease:
    """A block that `owner` is to draw."""

    backend: str
    block: int
    owner: int


def enter(store: Store) -> int:
    """Return a number for this process, which from now on counts as alive."""
    with store.transaction() as connection:
        connection.execute("UPDATE owners SET last = last + 1")
        ((number,),) = connection.execute("SELECT last FROM owners").fetchall()
    store.locks.become(number)
    return int(number)


def lease(store: Store, owner: int, backends: Sequence[str], blocks: int | None) -> Lease | None:
    """Lease the next block for `owner`; None if there is none to claim.

    It is of that one of `backends` that has had the least time so far, so that each gets its share;
    `blocks` is how many each is to have, None for any number.
    """
    return next(iter(lease_several(store, owner, backends, blocks, 1)), None)


def lease_several(
    store: Store, owner: int, backends: Sequence[str], blocks: int | None, most: int
) -> list[Lease]:
    """Lease up to `most` blocks of one backend as `lease` does one; none if there is none."""
    with store.transaction() as connection:
        for backend in least_first(store):
            if backend not in backends:
                continue
            found = _free_blocks(store, owner, backend, most)
            found = [block for block in found if blocks is None or block < blocks]
            connection.executemany(
                "REPLACE INTO blocks (backend, block, owner, claimed) VALUES (?, ?, ?, ?)",
                [(backend, block, owner, time.time()) for block in found],
            )
            if found:
                return [Lease(backend=backend, block=block, owner=owner) for block in found]
    return []


def finish(
    store: Store,
    claimed: Lease,
    contribution: Contribution,
    seconds: float,
    run: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Count a block and mark it done, both or neither; it took `seconds`.

    A block that has come to another owner meanwhile is left to that one. A `UsageError` if the
    files that were `run` are not those of the campaign's backend.
    """
    finish_several(store, [claimed], contribution, seconds, run)


def finish_several(
    store: Store,
    claimed: Sequence[Lease],
    contribution: Contribution,
    seconds: float,
    run: Mapping[str, str],
) -> None:
    """Count blocks of one backend and one owner, which contribute that together, as `finish` one.

    If one of them has come to another owner, none is counted.
    """
    if not claimed:
        return
    backend, owner = claimed[0].backend, claimed[0].owner
    with store.transaction() as connection:
        blocks = [each.block for each in claimed]
        found = connection.execute(
            "SELECT block FROM blocks WHERE backend = ? AND block BETWEEN ? AND ? AND owner = ? "
            "AND done = 0",
            (backend, min(blocks), max(blocks), owner),
        )
        held = {block for (block,) in found}
        if not held.issuperset(blocks):
            return
        connection.executemany(
            "UPDATE blocks SET done = 1 WHERE backend = ? AND block = ?",
            [(backend, block) for block in blocks],
        )
        store.note_run(backend, run)
        add(connection, backend, contribution)
        connection.execute(
            "UPDATE backends SET seconds = seconds + ? WHERE name = ?", (seconds, backend)
        )
        _advance(store, connection, backend)


def blocks_done(store: Store, backend: str) -> list[int]:
    """Return how many blocks from the first are done without a gap, and each done beyond."""
    ((frontier,),) = store.rows("SELECT frontier FROM backends WHERE name = ?", backend)
    beyond = store.rows(
        "SELECT block FROM blocks WHERE backend = ? AND done = 1 ORDER BY block", backend
    )
    return [frontier, *(block for (block,) in beyond)]


def least_first(store: Store) -> list[str]:
    """Return the backends that have not been given up, the one with the least time first."""
    rows = store.rows(
        "SELECT name FROM backends WHERE name NOT IN "
        "(SELECT backend FROM counts WHERE what = 'given up') ORDER BY seconds, name"
    )
    return [name for (name,) in rows]


def _free_blocks(store: Store, owner: int, backend: str, most: int) -> list[int]:
    """Return the first blocks that dead owners have left, then the first that nobody has had."""
    claimed = store.rows(
        "SELECT block, owner FROM blocks WHERE backend = ? AND done = 0 AND owner != ? "
        "ORDER BY block",
        backend,
        owner,
    )
    left = (int(block) for block, other in claimed if not store.locks.lives(other))
    ((following,),) = store.rows(
        "SELECT max(frontier, ifnull((SELECT max(block) + 1 FROM blocks WHERE backend = name), 0)) "
        "FROM backends WHERE name = ?",
        backend,
    )
    return list(islice(chain(left, count(int(following))), most))


def _advance(store: Store, connection: sqlite3.Connection, backend: str) -> None:
    """Forget each block up to which all are done: how many there are is all that matters."""
    frontier, *beyond = blocks_done(store, backend)
    while beyond and beyond[0] == frontier:
        frontier, beyond = frontier + 1, beyond[1:]
    connection.execute("UPDATE backends SET frontier = ? WHERE name = ?", (frontier, backend))
    connection.execute("DELETE FROM blocks WHERE backend = ? AND block < ?", (backend, frontier))
