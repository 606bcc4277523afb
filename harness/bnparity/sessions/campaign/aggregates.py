"""The figures of a campaign: contributions merged into the state, and read out of it."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

from bnparity.backends import capabilities_in
from bnparity.cases import declaration
from bnparity.results import Figures
from bnparity.sessions.campaign.contribution import MOST_SAMPLES, MOST_TEXTS, Contribution, Sample
from bnparity.sessions.campaign.coverage import places
from bnparity.sessions.campaign.figures import Key, digest, from_text, to_text
from bnparity.sessions.campaign.store import Store
from bnparity.sessions.plan import least_values


@dataclass(frozen=True, kw_only=True)
class Overview:
    """How far a backend is: what it has ``reached`` is a share of the places that cases can have.

    ``worst`` is the largest ratio of each output, ``symptoms`` how many different there have been.
    """

    cases: int
    reached: float
    worst: Mapping[str, float]
    symptoms: int


def add(connection: sqlite3.Connection, backend: str, contribution: Contribution) -> None:
    """Merge what a block contributes, inside a transaction of the caller's."""
    connection.executemany(
        "INSERT INTO counts VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n",
        [(backend, *which, n) for which, n in contribution.counts.items()],
    )
    for place, found in contribution.figures.items():
        _add_figures(connection, backend, place, found)
    for which, samples in contribution.samples.items():
        rows = [(backend, *which, s.place, s.digest, s.payload) for s in samples]
        connection.executemany("INSERT OR IGNORE INTO samples VALUES (?, ?, ?, ?, ?, ?)", rows)
        _keep_fewest(connection, backend, which)
    for what in MOST_TEXTS:
        _keep_few_texts(connection, backend, what)


def _add_figures(connection: sqlite3.Connection, backend: str, place: str, found: Figures) -> None:
    query = "SELECT figures FROM figures WHERE backend = ? AND place = ?"
    merged = Figures()
    merged.merge(found)
    for (text,) in connection.execute(query, (backend, place)):
        merged.merge(from_text(text))
    row = (backend, place, to_text(merged))
    connection.execute("REPLACE INTO figures VALUES (?, ?, ?)", row)


def _keep_fewest(connection: sqlite3.Connection, backend: str, which: Key) -> None:
    connection.execute(
        "DELETE FROM samples WHERE backend = :b AND what = :w AND key = :k "
        "AND (place, digest) NOT IN (SELECT place, digest FROM samples "
        "WHERE backend = :b AND what = :w AND key = :k ORDER BY place, digest LIMIT :most)",
        {"b": backend, "w": which[0], "k": which[1], "most": MOST_SAMPLES[which[0]]},
    )


def _keep_few_texts(connection: sqlite3.Connection, backend: str, what: str) -> None:
    for table in ("counts", "samples"):
        rows = f"FROM {table} WHERE backend = ? AND what = ?"  # the tables are ours
        found = connection.execute(f"SELECT DISTINCT key {rows}", (backend, what))
        ordered = sorted((text for (text,) in found), key=digest)
        dropped = [(backend, what, text) for text in ordered[MOST_TEXTS[what] :]]
        connection.executemany(f"DELETE {rows} AND key = ?", dropped)


def counts(store: Store, backend: str) -> Counter[Key]:
    """Return every count of a backend."""
    rows = store.rows("SELECT what, key, n FROM counts WHERE backend = ?", backend)
    if any(type(n) is not int for *_, n in rows):
        raise ValueError("a count in it is no whole number")
    return Counter({(what, text): n for what, text, n in rows})


def figures(store: Store, backend: str) -> dict[str, Figures]:
    """Return the figures of each output in each cell."""
    rows = store.rows("SELECT place, figures FROM figures WHERE backend = ?", backend)
    return {place: from_text(text) for place, text in rows}


def samples(store: Store, backend: str) -> dict[Key, tuple[Sample, ...]]:
    """Return every sample of a backend, each key's in order."""
    rows = store.rows(
        "SELECT what, key, place, digest, payload FROM samples WHERE backend = ? "
        "ORDER BY what, key, place, digest",
        backend,
    )
    return {
        which: tuple(Sample(*sample) for _, _, *sample in group)
        for which, group in groupby(rows, key=itemgetter(0, 1))
    }


def overview(store: Store, backend: str) -> Overview:
    """Return how far a backend is; it costs little, whatever has been drawn."""
    ((cases, reached, symptoms),) = store.rows(
        "SELECT (SELECT n FROM counts WHERE backend = ?1 AND what = 'cases'), "
        "(SELECT count(*) FROM counts WHERE backend = ?1 AND what = 'coverage'), "
        "(SELECT count(*) FROM samples WHERE backend = ?1 AND what = 'first')",
        backend,
    )
    worst = store.rows(
        "SELECT json_extract(place, '$[4]'), max(json_extract(figures, '$.worst_ratio')) "
        "FROM figures WHERE backend = ? GROUP BY 1",
        backend,
    )
    facts = store.facts(backend)
    with store.reading():
        capabilities = capabilities_in(facts["capabilities"])
        space = places(
            declaration(facts["dialect"]),
            dtypes=facts["dtypes"],
            formats=capabilities.formats,
            ranks=capabilities.ranks,
            min_values=least_values(capabilities),
        )
        return Overview(
            cases=int(cases or 0),
            reached=reached / space,
            worst={str(output): float(ratio) for output, ratio in worst},
            symptoms=symptoms,
        )
