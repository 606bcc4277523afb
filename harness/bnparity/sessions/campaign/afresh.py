"""A campaign on a backend whose source has changed: begun anew, what failed before asked first.

What failed counts as one more block of the new campaign, so it is there from the beginning.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bnparity.backends import Name, Opened, UsageError
from bnparity.cases import Case, declaration
from bnparity.judging import Failure
from bnparity.results import Earlier, remove_mended
from bnparity.sessions.campaign import shrinking
from bnparity.sessions.campaign.aggregates import add
from bnparity.sessions.campaign.contribution import Contribution, Gathering, case_in, payload_of
from bnparity.sessions.campaign.figures import cut
from bnparity.sessions.campaign.source import with_run
from bnparity.sessions.campaign.store import Store
from bnparity.sessions.evaluation import evaluation_of
from bnparity.sessions.kept import asked_by, kept_of, still_shown
from bnparity.sessions.plan import Plan, unjudged

#: The number of the block that earlier failures count as: before all that are drawn.
BEFORE = -1

#: What a state has of a backend.
_TABLES = ("backends", "blocks", "counts", "figures", "samples", "shrunk")


def start_afresh(
    store: Store, name: Name, plan: Plan, facts: Mapping[str, Any], tell: Callable[[str], None]
) -> None:
    """Forget what a state has of a backend, and ask what failed again; `tell` takes lines.

    A `UsageError` if another session is at work in the state: it would go on with the old source.
    """
    if store.is_at_work():
        raise UsageError(
            f"the source of {name.text} has changed, and another session is at work in "
            f"{str(store.folder)!r}: stop that one first, or give another --state"
        )
    with store.reading():
        known = shrinking.smallest(store, name.text)
        earlier = {symptom: case_in(payload) for symptom, payload in known.items()}
        declared = declaration(store.facts(name.text)["dialect"])
    first = f"; its {_counted(len(earlier))} asked first" if earlier else ""
    tell(f"the source of {name.text} has changed: starting afresh{first}")
    with plan.opened(name) as backend:
        cases = dict.fromkeys(earlier.values())
        drawable = [c for c in cases if asked_by(plan, backend.capabilities, c, declared)]
        contribution, shown = _asked(backend, plan, drawable)
        source = with_run(facts["source"], backend.sources())
    with store.transaction() as connection:
        _forget(connection, name.text)
        store.note(name.text, {**facts, "source": source})
        add(connection, name.text, contribution)
        _keep(connection, name.text, [f for failures in shown.values() for f in failures])
    symptoms = {case: [f.symptom for f in failures] for case, failures in shown.items()}
    _remove_mended(store, name, symptoms)
    ends = [still_shown(_output(s), symptoms[c]) for s, c in earlier.items() if c in symptoms]
    if ends:
        tell(f"asked again: {sum(ends)} of them still fail, {ends.count(False)} mended")


def _asked(
    backend: Opened, plan: Plan, cases: Sequence[Case]
) -> tuple[Contribution, dict[Case, list[Failure]]]:
    """Put cases to a backend; return what they add to its results, and how each fails."""
    assert backend.ask is not None
    evaluation = evaluation_of(backend.ask, backend.capabilities, plan)
    gathering = Gathering(block=BEFORE)
    evaluation.tell = gathering.add
    shown = {case: evaluation.ask_again(case) for case in cases}
    return gathering.contribution(evaluation), shown


def _output(symptom: str) -> str:
    """Return the output that a symptom is about, nothing if it is a fault."""
    return "" if ": " in symptom else symptom


def _forget(connection: sqlite3.Connection, backend: str) -> None:
    for table in _TABLES:
        column = "name" if table == "backends" else "backend"
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (backend,))  # noqa: S608 -- the tables are ours


def _keep(connection: sqlite3.Connection, backend: str, failures: list[Failure]) -> None:
    """Note that these cases are as small as they get."""
    rows = [(backend, cut(f.symptom), BEFORE, payload_of(f.case_result)) for f in failures]
    connection.executemany("INSERT OR IGNORE INTO shrunk VALUES (?, ?, ?, ?)", rows)


def _remove_mended(store: Store, name: Name, symptoms: Mapping[Case, Sequence[str]]) -> None:
    """Remove the folders of earlier findings that are gone, by the `symptoms` of their cases."""
    judgement = unjudged(name)
    judgement.earlier = tuple(
        Earlier(folder=found.path.parent, fails=still_shown(found.output, symptoms[found.case]))
        for found in kept_of(name, store.folder / "findings")
        if found.case in symptoms
    )
    remove_mended([judgement])


def _counted(count: int) -> str:
    return f"{count} earlier failure{'' if count == 1 else 's'} {'is' if count == 1 else 'are'}"
