"""What a failing backend does instead: the smallest change of its dialect that explains it.

The same oracle and the same judge answer: under which conventions would these outputs pass?
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product
from typing import Any

from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect

from bnparity.examine import Examination, expected
from bnparity.judge import judge

#: How many conventions a backend may get wrong at once and still be diagnosed.
MOST_CHANGES = 3

#: Conventions that move bounds rather than values.
OF_ACCURACY = frozenset({"variance_algorithm", "arithmetic"})

# The values are of as many types as there are fields.
Changes = tuple[tuple[str, Any], ...]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Outputs that one set of changes explains; ``codes`` is empty where nothing does."""

    outputs: tuple[str, ...]
    codes: tuple[str, ...]
    changes: Changes

    @property
    def explained(self) -> bool:
        """Whether a change of conventions accounts for all that was seen of these outputs."""
        return bool(self.codes)


def diagnose(
    evidence: Sequence[Examination], dialect: Dialect, widespread: frozenset[str] = frozenset()
) -> tuple[Diagnosis, ...]:
    """Return diagnoses that between them cover every output that fails somewhere in `evidence`.

    Parameters
    ----------
    evidence
        Examinations of one backend, failing ones and passing ones: a change has to explain the
        former without contradicting the latter.
    dialect
        What the backend declares.
    widespread
        The outputs that are inaccurate in most cases. Only those can be put down to a coarse
        arithmetic, which spares no case.
    """
    failing = {output for examination in evidence for output in examination.failed}
    # Failures first: most changes are refuted by the first of them.
    ordered = sorted(evidence, key=lambda examination: not examination.failed)
    diagnoses = []
    while failing:
        changes, explained = _best_change(ordered, dialect, failing, widespread)
        if not explained:
            break
        codes = tuple(f"{field}={value}" for field, value in changes)
        diagnoses.append(Diagnosis(outputs=_sorted(explained), codes=codes, changes=changes))
        failing -= explained
    if failing:
        diagnoses.append(Diagnosis(outputs=_sorted(failing), codes=(), changes=()))
    return tuple(diagnoses)


def _best_change(
    evidence: Sequence[Examination],
    dialect: Dialect,
    failing: set[str],
    widespread: frozenset[str],
) -> tuple[Changes, set[str]]:
    """Return the smallest change, and among those of its size the one that explains the most.

    Coarse arithmetic widens every bound a thousandfold and so explains nearly anything: it is
    considered last, by itself, and only for outputs that are inaccurate in most cases.
    """
    specific = [field for field in CONVENTIONS if field != "arithmetic"]
    searches = [(specific, size, failing) for size in range(1, MOST_CHANGES + 1)]
    for fields, size, outputs in (*searches, (["arithmetic"], 1, failing & widespread)):
        best: tuple[Changes, set[str]] = ((), set())
        for changes in _changes(dialect, fields, size):
            explained = _explained(evidence, replace(dialect, **dict(changes)), outputs)
            if len(explained) > len(best[1]):
                best = (changes, explained)
        if best[1]:
            return best
    return (), set()


def _changes(dialect: Dialect, fields: Sequence[str], size: int) -> Iterator[Changes]:
    for chosen in combinations(fields, size):
        alternatives = [
            [(field, value) for value in CONVENTIONS[field] if value != getattr(dialect, field)]
            for field in chosen
        ]
        yield from product(*alternatives)


def _explained(evidence: Sequence[Examination], candidate: Dialect, failing: set[str]) -> set[str]:
    """Return which of the outputs in `failing` pass everywhere under `candidate`."""
    remaining = set(failing)
    for examination in evidence:
        if not remaining:
            break
        exact = expected(examination.case, examination.inputs, candidate)
        outputs = {k: v for k, v in examination.outputs.items() if k in remaining}
        dtype = examination.case.dtype
        checks = judge(outputs, exact, dialect=candidate, dtype=dtype)
        remaining -= {check.output for check in checks if check.verdict == "fail"}
    return remaining


def _sorted(outputs: Iterable[str]) -> tuple[str, ...]:
    return tuple(output for output in OUTPUTS if output in set(outputs))
