"""Which conventions a backend follows: what it declares beside what its outputs show.

The mechanism is that of a diagnosis, turned round: a value of a convention is measured when every
other value contradicts something that the backend returned.
"""

import math
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bnparity_reference import CONVENTIONS, Dialect

from bnparity.diagnosis.by_format import concerns
from bnparity.diagnosis.search import OF_ACCURACY, Changes, Diagnosis, explained_by
from bnparity.judging import CaseResult


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
    evidence: Sequence[CaseResult],
    dialect: Dialect,
    diagnoses: Sequence[Diagnosis],
    *,
    deadline: float = math.inf,
) -> tuple[Measured, ...]:
    """Return every convention as `dialect` declares it and as `evidence` shows it.

    Parameters
    ----------
    evidence
        Examinations of one backend; the more varied, the more conventions show.
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
    rows: list[Measured] = []
    for field in CONVENTIONS:
        found = [d for d in diagnoses if field in dict(d.changes)]
        rows += _deviations(field, sound, dialect, found, judged)
        if not found:
            following = judged - deviating
            in_time = time.monotonic() < deadline
            certain = in_time and _certain(sound, dialect, (), field, following)
            value = _word(getattr(dialect, field))
            rows.append(
                Measured(field=field, declared=value, value=value, outputs=(), certain=certain)
            )
    return tuple(rows)


def _deviations(
    field: str,
    evidence: Sequence[CaseResult],
    dialect: Dialect,
    found: Sequence[Diagnosis],
    judged: set[str],
) -> list[Measured]:
    """Return a row for each value of `field` that was found instead of the declared one."""
    rows = []
    for value in dict.fromkeys(dict(d.changes)[field] for d in found):
        parts = [d for d in found if dict(d.changes)[field] == value]
        outputs = tuple(dict.fromkeys(output for d in parts for output in d.outputs))
        certain = all(
            _certain(
                [e for e in evidence if concerns(d, e.case)], dialect, d.changes, field, d.outputs
            )
            for d in parts
        )
        rows.append(
            Measured(
                field=field,
                declared=_word(getattr(dialect, field)),
                value=_word(value),
                outputs=() if set(outputs) == judged else outputs,
                certain=certain,
            )
        )
    return rows


def _certain(
    evidence: Sequence[CaseResult],
    dialect: Dialect,
    changes: Changes,
    field: str,
    outputs: Collection[str],
) -> bool:
    """Return whether every other value of `field` contradicts one of `outputs` somewhere."""
    wanted = set(outputs)
    if field in OF_ACCURACY:
        return bool(wanted)
    actual = dict(changes).get(field, getattr(dialect, field))
    rest = tuple(change for change in changes if change[0] != field)
    others = [((field, value), *rest) for value in CONVENTIONS[field] if value != actual]
    return bool(wanted) and all(
        explained_by(evidence, dialect, other, wanted) != wanted for other in others
    )


def _word(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
