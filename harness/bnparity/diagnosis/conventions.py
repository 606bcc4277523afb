"""Which conventions a backend follows: what it declares beside what its outputs show.

The mechanism is that of a diagnosis, turned round: a value of a convention is measured when every
other value contradicts something that the backend returned.
"""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bnparity_reference import CONVENTIONS, Dialect

from bnparity.diagnosis.search import OF_ACCURACY, Diagnosis, Evidence, concerns, explained_by


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One convention of one backend.

    ``outputs`` names those that follow `value`, where the others follow what is declared; it is
    empty where all do. ``certain`` is false where another value would explain the outputs as well.
    Of a convention of accuracy the value is the finest that explains them: a coarser one would too.
    """

    field: str
    declared: str
    value: str
    outputs: tuple[str, ...]
    certain: bool

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
) -> tuple[Measured, ...]:
    """Return every convention as `dialect` declares it and as `evidence` shows it.

    Parameters
    ----------
    evidence
        Case results of one backend; the more varied, the more conventions show.
    dialect
        What it declares.
    diagnoses
        What explains the outputs that do not follow. Where nothing does, a case result that fails
        says nothing of conventions, and is left out.
    deadline
        On the clock of `time.monotonic`; what would be looked at after it is not certain.
    """
    unexplained = {output for d in diagnoses if not d.explained for output in d.outputs}
    sound = [e for e in evidence if not unexplained & set(e.failed)]
    judged = {check.output for case_result in sound for check in case_result.checks}
    deviating = {output for d in diagnoses for output in d.outputs if d.explained}
    as_declared = Diagnosis(outputs=tuple(judged - deviating), changes=())
    rows: list[Measured] = []
    for field in CONVENTIONS:
        declared = getattr(dialect, field)
        found = [d for d in diagnoses if field in dict(d.changes)] or [as_declared]
        for value in dict.fromkeys(dict(d.changes).get(field, declared) for d in found):
            parts = [d for d in found if dict(d.changes).get(field, declared) == value]
            outputs = tuple(dict.fromkeys(output for d in parts for output in d.outputs))
            in_all = value == declared or set(outputs) == judged
            in_time = value != declared or time.monotonic() < deadline
            row = Measured(
                field=field,
                declared=_word(declared),
                value=_word(value),
                outputs=() if in_all else outputs,
                certain=in_time and all(_certain(sound, dialect, field, d) for d in parts),
            )
            rows.append(row)
    return tuple(rows)


def _certain(evidence: Evidence, dialect: Dialect, field: str, diagnosis: Diagnosis) -> bool:
    """Return whether every other value of `field` contradicts one of the outputs somewhere."""
    wanted, changes = set(diagnosis.outputs), dict(diagnosis.changes)
    if field in OF_ACCURACY:
        return bool(wanted)
    concerned = [e for e in evidence if concerns(diagnosis, e.case)]
    actual = changes.get(field, getattr(dialect, field))
    others = [{**changes, field: value} for value in CONVENTIONS[field] if value != actual]
    return bool(wanted) and all(
        explained_by(concerned, dialect, tuple(other.items()), wanted) != wanted for other in others
    )


def _word(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
