"""Which conventions a backend follows: what it declares beside what its outputs show.

The mechanism is that of a diagnosis, turned round: a value of a convention is measured when every
other value contradicts something that the backend returned. Where something failed that no
convention explains, nothing is known of those that could show there.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bnparity_reference import Dialect

from bnparity.cases import value_text
from bnparity.diagnosis.candidates import (
    KNOWN,
    OF_ACCURACY,
    SOLVERS,
    Changes,
    Evidence,
    asked_about,
    shows_in,
)
from bnparity.diagnosis.conditions import EVERYWHERE
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.search import Diagnosis
from bnparity.judging import CaseResult, Dues, due_of


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One convention of one backend.

    ``outputs`` names those that follow `value`, where the others follow what is declared; it is
    empty where all do. ``where`` says in words in which calls they do, and is empty where in all.
    It is followed ``throughout`` where that is every call, and every output in which it shows.
    ``certain`` is false where another value would explain the outputs as well, and ``known`` where
    outputs in which it shows are off for a reason that no convention explains.
    Of a convention of accuracy the value is the finest that explains them: a coarser one would too.
    """

    field: str
    declared: str
    value: str
    outputs: tuple[str, ...]
    certain: bool
    known: bool = True
    where: str = ""
    throughout: bool = True

    @property
    def deviates(self) -> bool:
        """Whether the backend does something else than it declares."""
        return self.value != self.declared


def measure(
    evidence: Evidence,
    dialect: Dialect,
    diagnoses: Sequence[Diagnosis],
    *,
    deadline: float = math.inf,
    dues: Dues = due_of,
) -> tuple[Measured, ...]:
    """Return every convention as `dialect` declares it and as `evidence` shows it.

    Those of masks are there if calls have one, and so are those of other rare arguments.

    Parameters
    ----------
    evidence
        Case results of one backend; the more varied, the more conventions show.
    dialect
        What it declares.
    diagnoses
        What explains the outputs that do not follow.
    deadline
        On the clock of `time.monotonic`; what would be looked at after it is not certain.
    dues
        Says what is due of a case under a dialect.
    """
    rejudging = Rejudging(dialect=dialect, deadline=deadline, dues=dues)
    sound = _sound(evidence, diagnoses)
    told = {field for d in diagnoses for field, _ in d.changes}
    # That a number is what is asked shows in the convention beside it: momentum, eps.
    asked = {name for name in asked_about(evidence) if name not in SOLVERS or name in told}
    names = [name for name in KNOWN if name in asked]
    return tuple(row for name in names for row in _rows(name, sound, rejudging, diagnoses))


def _sound(evidence: Evidence, diagnoses: Sequence[Diagnosis]) -> Evidence:
    """Return the evidence without what is off for no reason that is known, wherever it is."""
    unexplained = [d for d in diagnoses if not d.explained]
    failures = {id(e) for d in unexplained for e in d.failures}
    apart = [d.where for d in unexplained if d.where != EVERYWHERE]
    return [
        e
        for e in evidence
        if id(e) not in failures and not any(where.holds(e.case) for where in apart)
    ]


def _rows(
    name: str, sound: Evidence, rejudging: Rejudging, diagnoses: Sequence[Diagnosis]
) -> Iterator[Measured]:
    """Yield a convention as it is declared, or each value of it that is told instead."""
    declared = getattr(rejudging.dialect, name)
    judged = {check.output for e in sound for check in e.checks}
    told = [d for d in diagnoses if name in dict(d.changes)]
    deviating = {output for d in diagnoses if d.explained for output in d.outputs}
    as_declared = Diagnosis(outputs=tuple(judged - deviating), changes=())
    known = not any(
        d.where == EVERYWHERE and shows_in(name) & set(d.outputs)
        for d in diagnoses
        if not d.explained
    )
    kinds = dict.fromkeys(
        (dict(d.changes).get(name, declared), d.where) for d in told or [as_declared]
    )
    for value, where in kinds:
        parts = [
            d
            for d in told or [as_declared]
            if (dict(d.changes).get(name, declared), d.where) == (value, where)
        ]
        outputs = tuple(dict.fromkeys(output for d in parts for output in d.outputs))
        in_all = value == declared or set(outputs) == judged
        shown = judged & shows_in(name)
        in_time = value != declared or not rejudging.over
        yield Measured(
            field=name,
            declared=value_text(declared),
            value=value_text(value),
            outputs=() if in_all else outputs,
            certain=known and in_time and all(_certain(sound, rejudging, name, d) for d in parts),
            known=known,
            where=where.text,
            throughout=where == EVERYWHERE and (value == declared or set(outputs) >= shown),
        )


def _certain(evidence: Evidence, rejudging: Rejudging, name: str, diagnosis: Diagnosis) -> bool:
    """Return whether every other value of a convention contradicts each of the outputs somewhere.

    Only outputs that it can show in are asked.
    """
    if name in OF_ACCURACY:
        return bool(diagnosis.outputs)
    changes = dict(diagnosis.changes)
    concerned = [e for e in evidence if diagnosis.where.holds(e.case)]
    actual = changes.get(name, getattr(rejudging.dialect, name))
    others = [{**changes, name: value} for value in KNOWN[name] if value != actual]
    return bool(diagnosis.outputs) and all(
        _contradicted(concerned, rejudging, tuple(other.items()), diagnosis.outputs)
        for other in others
    )


def _contradicted(
    evidence: Evidence, rejudging: Rejudging, changes: Changes, outputs: Sequence[str]
) -> bool:
    """Return whether `changes` contradict one of the outputs somewhere.

    Where outputs are near what they ask for is looked at last: bounds cost more than the oracle.
    """
    near = []
    for e, output in _shown(evidence, rejudging, changes, outputs):
        if not rejudging.is_far(e, output, changes):
            near.append((e, output))
        elif rejudging.outcome(e, output, changes) == "contradicted":
            return True
    return any(rejudging.outcome(e, output, changes) == "contradicted" for e, output in near)


def _shown(
    evidence: Evidence, rejudging: Rejudging, changes: Changes, outputs: Sequence[str]
) -> Iterator[tuple[CaseResult, str]]:
    """Yield the case results in which `changes` can show, and in which of the outputs."""
    for e in evidence:
        for check in e.checks:
            if check.output in outputs and not rejudging.passes_alike(e, check.output, changes):
                yield e, check.output
