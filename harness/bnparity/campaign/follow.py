"""What becomes of suspicions: the first case of each is shrunk, by whoever has time for it.

The smallest case depends on the block alone that showed the suspicion first, so it does not matter
who shrinks it; a suspicion that an earlier block turns out to show is shrunk again.
"""

import hashlib

from bnparity.campaign.contribution import Sample, payload_of
from bnparity.campaign.ledger import samples
from bnparity.campaign.store import Store
from bnparity.examine import Examination
from bnparity.inquiry import MOST_SUSPECTS


def followed(store: Store, backend: str) -> dict[str, Sample]:
    """Return the suspicions that are followed up, each with the first case; `MOST_SUSPECTS`.

    Outputs that failed come before faults, and which faults are followed, their digests say.
    """
    firsts = {
        store.loaded(text)[0]: kept[0]
        for (what, text), kept in samples(store, backend).items()
        if what == "first"
    }
    chosen = sorted(firsts, key=lambda text: (": " in text, hashlib.sha256(text.encode()).digest()))
    return {suspicion: firsts[suspicion] for suspicion in chosen[:MOST_SUSPECTS]}


def shrunk(store: Store, backend: str) -> dict[str, str]:
    """Return the smallest cases that are known, as payloads, by suspicion."""
    wanted = followed(store, backend)
    rows = store.rows("SELECT suspicion, block, payload FROM shrunk WHERE backend = ?", backend)
    return {
        suspicion: payload
        for suspicion, block, payload in rows
        if suspicion in wanted and wanted[suspicion].place == block
    }


def unshrunk(store: Store, backend: str) -> dict[str, Sample]:
    """Return the suspicions whose smallest case is not known yet, each with the first case."""
    known = shrunk(store, backend)
    return {s: first for s, first in followed(store, backend).items() if s not in known}


def keep(
    store: Store, backend: str, suspicion: str, first: Sample, smallest: Examination | None
) -> None:
    """Note the smallest case of a suspicion; None leaves the first one."""
    payload = first.payload if smallest is None else payload_of(smallest)
    wanted = followed(store, backend)
    with store.transaction() as connection:
        connection.execute(
            "REPLACE INTO shrunk VALUES (?, ?, ?, ?)",
            (backend, suspicion, int(first.place), payload),
        )
        for (other,) in store.rows("SELECT suspicion FROM shrunk WHERE backend = ?", backend):
            if other not in wanted:
                connection.execute(
                    "DELETE FROM shrunk WHERE backend = ? AND suspicion = ?", (backend, other)
                )
