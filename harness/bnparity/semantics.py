"""Which conventions a backend follows: what it declares beside what its outputs show.

The mechanism is that of a diagnosis, turned round: a value of a convention is measured when every
other value contradicts something that the backend returned.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bnparity_reference import CONVENTIONS, Dialect

from bnparity.diagnose import OF_ACCURACY, Diagnosis, passing
from bnparity.examine import Examination


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One convention of one backend.

    ``outputs`` names those that follow `value`, where the others follow what is declared; it is
    empty where all do. ``certain`` is false where another value would explain the outputs as well.
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
    evidence: Sequence[Examination], dialect: Dialect, diagnoses: Sequence[Diagnosis]
) -> tuple[Measured, ...]:
    """Return every convention as `dialect` declares it and as `evidence` shows it.

    Parameters
    ----------
    evidence
        Examinations of one backend; the more varied, the more conventions show.
    dialect
        What it declares.
    diagnoses
        What explains the outputs that do not follow. Where nothing does, an examination that fails
        says nothing of conventions, and is left out.
    """
    changed = {field: d for d in diagnoses for field, _ in d.changes}
    unexplained = {output for d in diagnoses if not d.explained for output in d.outputs}
    sound = [e for e in evidence if not unexplained & set(e.failed)]
    judged = {check.output for examination in sound for check in examination.checks}
    following = judged - {output for d in diagnoses if d.explained for output in d.outputs}
    rows = []
    for field in CONVENTIONS:
        declared, found = getattr(dialect, field), changed.get(field)
        value, outputs = declared, following
        actual = dialect
        if found is not None:
            actual, outputs = replace(dialect, **dict(found.changes)), set(found.outputs)
            value = getattr(actual, field)
        rows.append(
            Measured(
                field=field,
                declared=_word(declared),
                value=_word(value),
                outputs=found.outputs if found is not None and outputs != judged else (),
                certain=field in OF_ACCURACY or _certain(sound, actual, field, outputs),
            )
        )
    return tuple(rows)


def _certain(
    evidence: Sequence[Examination], actual: Dialect, field: str, outputs: set[str]
) -> bool:
    """Return whether every other value of `field` contradicts one of `outputs` somewhere."""
    others = [value for value in CONVENTIONS[field] if value != getattr(actual, field)]
    changes: list[dict[str, str | float]] = [{field: value} for value in others]
    return bool(outputs) and all(
        passing(evidence, replace(actual, **change), outputs) != outputs  # type: ignore[arg-type]  # as many types as fields
        for change in changes
    )


def _word(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:g}"
