"""What a failing backend does instead: the smallest change of its dialect that explains it.

The same oracle and the same judge answer: under which conventions would these outputs pass?
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect, Exact

from bnparity.examine import Examination, expected
from bnparity.judge import judge

#: How many conventions a backend may get wrong at once and still be diagnosed.
MOST_CHANGES = 3

#: How many failing examinations say which conventions are worth a look.
MOST_TELLING = 6

#: Conventions of the forward pass that a gradient has to follow.
OF_GRADIENT = frozenset(
    {"eps_placement", "normalizing_variance", "train_statistics", "eval_statistics"}
)

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
    telling = _telling(evidence, dialect, failing)
    searches = [(_combined(telling, size), failing) for size in range(1, MOST_CHANGES + 1)]
    coarse = [(change,) for change in _alternatives(dialect, "arithmetic")]
    for candidates, outputs in (*searches, (coarse, failing & widespread)):
        best: tuple[Changes, set[str]] = ((), set())
        for changes in candidates:
            explained = _explained(evidence, dialect, changes, outputs)
            if len(explained) > len(best[1]):
                best = (changes, explained)
        if best[1]:
            return best
    return (), set()


def _telling(
    evidence: Sequence[Examination], dialect: Dialect, failing: set[str]
) -> list[tuple[str, Any]]:
    """Return the single changes that show in a failing output of some failing examination.

    What changes nothing there cannot be part of an explanation; most conventions are left out.
    """
    failures = [e for e in evidence if failing & set(e.failed)][:MOST_TELLING]
    plain = [expected(e.case, e.inputs, dialect) for e in failures]
    return [
        change
        for field in CONVENTIONS
        if field != "arithmetic"
        for change in _alternatives(dialect, field)
        if field in OF_ACCURACY
        or any(
            _differ(expected(e.case, e.inputs, replace(dialect, **dict([change]))), exact, failing)
            for e, exact in zip(failures, plain, strict=True)
        )
    ]


def _differ(changed: Exact, plain: Exact, outputs: set[str]) -> bool:
    pairs = ((getattr(changed, name), getattr(plain, name)) for name in outputs)
    return any(a is not None and not np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def _alternatives(dialect: Dialect, field: str) -> list[tuple[str, Any]]:
    return [(field, value) for value in CONVENTIONS[field] if value != getattr(dialect, field)]


def _combined(changes: Sequence[tuple[str, Any]], size: int) -> Iterator[Changes]:
    """Yield every choice of `size` changes of different fields."""
    for chosen in combinations(changes, size):
        if len({field for field, _ in chosen}) == size:
            yield chosen


def _explained(
    evidence: Sequence[Examination], dialect: Dialect, changes: Changes, failing: set[str]
) -> set[str]:
    """Return which of the outputs in `failing` pass everywhere under `changes`.

    Whoever changes the forward pass may have left the textbook's gradient as it was: the same
    change explains either.
    """
    candidate = replace(dialect, **dict(changes))
    explained = passing(evidence, candidate, failing)
    unadapted = failing - explained
    if "grad_input" in unadapted and {field for field, _ in changes} & OF_GRADIENT:
        textbook = replace(candidate, gradient="textbook")
        explained |= passing(evidence, textbook, {"grad_input"})
    return explained


def passing(evidence: Sequence[Examination], candidate: Dialect, outputs: set[str]) -> set[str]:
    """Return which of `outputs` pass everywhere in `evidence` under `candidate`."""
    remaining = set(outputs)
    for examination in evidence:
        if not remaining:
            break
        exact = expected(examination.case, examination.inputs, candidate)
        judged = {k: v for k, v in examination.outputs.items() if k in remaining}
        checks = judge(judged, exact, dialect=candidate, dtype=examination.case.dtype)
        remaining -= {check.output for check in checks if check.verdict == "fail"}
    return remaining


def _sorted(outputs: Iterable[str]) -> tuple[str, ...]:
    return tuple(output for output in OUTPUTS if output in set(outputs))
