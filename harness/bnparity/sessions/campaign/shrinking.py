"""What becomes of symptoms: the first case of each is shrunk, by whoever has time for it.

The smallest case depends on the block alone that showed the symptom first, so it does not matter
who shrinks it; a symptom that an earlier block turns out to show is shrunk again.
"""

from bnparity.sessions.campaign.aggregates import samples
from bnparity.sessions.campaign.contribution import Sample
from bnparity.sessions.campaign.figures import digest
from bnparity.sessions.campaign.store import Store
from bnparity.sessions.evaluation import MOST_FAILURES


def followed(store: Store, backend: str) -> dict[str, Sample]:
    """Return the symptoms that are followed up, each with the first case; `MOST_FAILURES`.

    Outputs that failed come before faults, and which faults are followed, their digests say.
    """
    firsts = {
        store.loaded(text)[0]: kept[0]
        for (what, text), kept in samples(store, backend).items()
        if what == "first"
    }
    chosen = sorted(firsts, key=lambda symptom: (": " in symptom, digest(symptom)))
    return {symptom: firsts[symptom] for symptom in chosen[:MOST_FAILURES]}


def shrunk(store: Store, backend: str) -> dict[str, str]:
    """Return the smallest cases that are known, as payloads, by symptom."""
    wanted = followed(store, backend)
    rows = store.rows("SELECT suspicion, block, payload FROM shrunk WHERE backend = ?", backend)
    return {
        symptom: payload
        for symptom, block, payload in rows
        if symptom in wanted and wanted[symptom].place == block
    }


def smallest(store: Store, backend: str) -> dict[str, str]:
    """Return the smallest known case of each symptom that is followed, as a payload."""
    firsts = {symptom: first.payload for symptom, first in followed(store, backend).items()}
    return {**firsts, **shrunk(store, backend)}


def unshrunk(store: Store, backend: str) -> dict[str, Sample]:
    """Return the symptoms whose smallest case is not known yet, each with the first case."""
    known = shrunk(store, backend)
    return {s: first for s, first in followed(store, backend).items() if s not in known}


def keep(store: Store, backend: str, symptom: str, first: Sample, found: str | None) -> None:
    """Note the smallest case of a symptom that was found, as a payload; None leaves the first."""
    row = (backend, symptom, int(first.place), first.payload if found is None else found)
    wanted = followed(store, backend)
    with store.transaction() as connection:
        connection.execute("REPLACE INTO shrunk VALUES (?, ?, ?, ?)", row)
        rows = store.rows("SELECT suspicion FROM shrunk WHERE backend = ?", backend)
        connection.executemany(
            "DELETE FROM shrunk WHERE backend = ? AND suspicion = ?",
            [(backend, other) for (other,) in rows if other not in wanted],
        )
