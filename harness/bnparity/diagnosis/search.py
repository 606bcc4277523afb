"""What a failing backend does instead: the smallest change of its dialect that explains it.

The same oracle and the same judge answer: under which conventions would these outputs pass?
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect, Exact
from numpy.typing import NDArray

from bnparity.judging import CaseResult, Check, expected, judge

#: How many conventions a backend may get wrong at once and still be diagnosed.
MOST_CHANGES = 3

#: How many failing case results say which conventions are worth a look.
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
    """Outputs that one set of changes explains; ``codes`` is empty where nothing does.

    ``formats`` are those of data and parameters, if it is about one such pair alone.
    """

    outputs: tuple[str, ...]
    codes: tuple[str, ...]
    changes: Changes
    formats: tuple[str, str] | None = None

    @property
    def explained(self) -> bool:
        """Whether a change of conventions accounts for all that was seen of these outputs."""
        return bool(self.codes)


def diagnose(
    evidence: Sequence[CaseResult],
    dialect: Dialect,
    plain: Callable[[], Sequence[CaseResult]] = tuple,
) -> tuple[Diagnosis, ...]:
    """Return diagnoses that between them cover every output that fails somewhere in `evidence`.

    Parameters
    ----------
    evidence
        Examinations of one backend, failing ones and passing ones: a change has to explain the
        former without contradicting the latter.
    dialect
        What the backend declares.
    plain
        Returns case results of ordinary cases, where needed. A coarse arithmetic spares none of
        them, so without them nothing is put down to it.
    """
    failing = {output for case_result in evidence for output in case_result.failed}
    # Failures first: most changes are refuted by the first of them.
    ordered = sorted(evidence, key=lambda case_result: not case_result.failed)
    found: list[tuple[Changes, set[str]]] = []
    while failing:
        changes, explained = _best_change(ordered, dialect, failing, plain)
        found.append((changes, explained or failing))
        failing = failing - explained if explained else set()
    return tuple(
        Diagnosis(
            outputs=_sorted(outputs),
            codes=tuple(f"{field}={value}" for field, value in changes),
            changes=changes,
        )
        for changes, outputs in _of_one_arithmetic(ordered, dialect, found)
        if outputs
    )


def _of_one_arithmetic(
    evidence: Sequence[CaseResult], dialect: Dialect, found: list[tuple[Changes, set[str]]]
) -> list[tuple[Changes, set[str]]]:
    """Return what was found, with all that a coarse arithmetic explains put down to it.

    Where some outputs are coarse, others that are off now and then need no cause of their own.
    """
    coarse = [changes for changes, _ in found if {f for f, _ in changes} == {"arithmetic"}]
    if not coarse:
        return found
    candidate, joined, kept = replace(dialect, **dict(coarse[0])), set[str](), []
    for changes, outputs in found:
        if {field for field, _ in changes} <= OF_ACCURACY:
            fitting = passing(evidence, candidate, outputs)
            joined |= fitting
            kept.append((changes, outputs - fitting))
        else:
            kept.append((changes, outputs))
    return [*kept, (coarse[0], joined)]


def _best_change(
    evidence: Sequence[CaseResult],
    dialect: Dialect,
    failing: set[str],
    plain: Callable[[], Sequence[CaseResult]],
) -> tuple[Changes, set[str]]:
    """Return the smallest change, and among those of its size the one that explains the most.

    Coarse arithmetic widens every bound a thousandfold and so explains nearly anything: it is
    considered last and by itself, for outputs that are as coarse throughout.
    """
    telling = _telling(evidence, dialect, failing)
    for size in range(1, MOST_CHANGES + 1):
        best: tuple[Changes, set[str]] = ((), set())
        for changes in _combined(telling, size):
            explained = explained_by(evidence, dialect, changes, failing)
            if len(explained) > len(best[1]):
                best = (changes, explained)
        if best[1]:
            return best
    return _coarse_arithmetic(evidence, dialect, failing, plain())


def _coarse_arithmetic(
    evidence: Sequence[CaseResult],
    dialect: Dialect,
    failing: set[str],
    plain: Sequence[CaseResult],
) -> tuple[Changes, set[str]]:
    """Return the finest arithmetic that explains all outputs that are coarse, and these.

    Coarse ones are often inaccurate for what is declared. They have to be mostly accurate for the
    arithmetic, and to err as rounding does. What explains some of them only is not the cause.
    """
    coarse = failing - _mostly_accurate(plain, dialect, failing)
    if coarse and _erratic(plain, dialect, coarse) == coarse:
        for change in _alternatives(dialect, "arithmetic"):
            candidate = replace(dialect, **dict([change]))
            as_coarse = _mostly_accurate(plain, candidate, coarse)
            if as_coarse == coarse and passing(evidence, candidate, coarse) == coarse:
                return (change,), coarse
    return (), set()


def _mostly_accurate(plain: Sequence[CaseResult], dialect: Dialect, outputs: set[str]) -> set[str]:
    """Return which of `outputs` are within one tight bound of `dialect`, three times in four."""
    within: Counter[str] = Counter()
    beyond: Counter[str] = Counter()
    for case_result in plain:
        for check in _judged(case_result, dialect, outputs):
            (within if check.ratio <= 1.0 else beyond)[check.output] += 1
    return {output for output in outputs if within[output] >= max(3 * beyond[output], 1)}


def _erratic(plain: Sequence[CaseResult], dialect: Dialect, outputs: set[str]) -> set[str]:
    """Return which of `outputs` are off as rounding is: now up, now down.

    A sum of squares about a rounded mean is always too large, but by very different amounts.
    """
    errors: dict[str, list[float]] = {}
    for case_result in plain:
        for check in _judged(case_result, dialect, outputs):
            relative = np.float64(check.got - check.expected) / check.expected
            errors.setdefault(check.output, []).append(float(relative))
    return {output for output, signed in errors.items() if _is_erratic(output, np.array(signed))}


def _is_erratic(output: str, signed: NDArray[np.float64]) -> bool:
    if output == "running_var":
        return bool(np.std(signed) > np.abs(signed).mean() / 2)
    up, down = np.sum(signed > 0.0), np.sum(signed < 0.0)
    return bool(10 * min(up, down) >= max(up, down) > 0)


def _telling(
    evidence: Sequence[CaseResult], dialect: Dialect, failing: set[str]
) -> list[tuple[str, Any]]:
    """Return the single changes that show in a failing output of some failing case result.

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


def explained_by(
    evidence: Sequence[CaseResult], dialect: Dialect, changes: Changes, failing: set[str]
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


def passing(evidence: Sequence[CaseResult], candidate: Dialect, outputs: set[str]) -> set[str]:
    """Return which of `outputs` pass everywhere in `evidence` under `candidate`."""
    remaining = set(outputs)
    for case_result in evidence:
        if not remaining:
            break
        checks = _judged(case_result, candidate, remaining)
        remaining -= {check.output for check in checks if check.verdict == "fail"}
    return remaining


def _judged(
    case_result: CaseResult, candidate: Dialect, outputs: Collection[str]
) -> tuple[Check, ...]:
    """Return the checks of `outputs` under `candidate`."""
    exact = expected(case_result.case, case_result.inputs, candidate)
    judged = {name: a for name, a in case_result.outputs.items() if name in outputs}
    return judge(judged, exact, dialect=candidate, dtype=case_result.case.dtype)


def _sorted(outputs: Iterable[str]) -> tuple[str, ...]:
    return tuple(output for output in OUTPUTS if output in set(outputs))
