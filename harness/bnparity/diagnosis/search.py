"""What a failing backend does instead: the smallest change of its dialect that explains it.

The same oracle and the same judge answer: under which conventions would these outputs pass?
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from bnparity_reference import CONVENTIONS, OUTPUTS, Dialect, Exact
from numpy.typing import NDArray

from bnparity.cases import Case
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

#: A convention, and its value instead; the values are of as many types as there are fields.
Change: TypeAlias = tuple[str, Any]
Changes: TypeAlias = tuple[Change, ...]

#: Changes, and the outputs that they explain.
Found: TypeAlias = tuple[Changes, set[str]]

Evidence: TypeAlias = Sequence[CaseResult]

#: Returns case results of ordinary cases, made where they are needed.
Plain: TypeAlias = Callable[[], Evidence]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """Outputs that one set of changes explains; there are none where nothing does.

    ``formats`` are those of data and parameters, if it is about one such pair alone.
    """

    outputs: tuple[str, ...]
    changes: Changes
    formats: tuple[str, str] | None = None

    @property
    def codes(self) -> tuple[str, ...]:
        """The changes as they are told."""
        return tuple(f"{field}={value}" for field, value in self.changes)

    @property
    def explained(self) -> bool:
        """Whether a change of conventions accounts for all that was seen of these outputs."""
        return bool(self.changes)


def diagnose(evidence: Evidence, dialect: Dialect, plain: Plain = tuple) -> tuple[Diagnosis, ...]:
    """Return diagnoses that between them cover every output that fails somewhere in `evidence`.

    Parameters
    ----------
    evidence
        Case results of one backend, failing ones and passing ones: a change has to explain the
        former without contradicting the latter.
    dialect
        What the backend declares.
    plain
        A coarse arithmetic spares no ordinary case, so without them nothing is put down to it.
    """
    failing = {output for case_result in evidence for output in case_result.failed}
    # Failures first: most changes are refuted by the first of them.
    ordered = sorted(evidence, key=lambda case_result: not case_result.failed)
    found: list[Found] = []
    while failing:
        changes, explained = _best_change(ordered, dialect, failing, plain)
        found.append((changes, explained or failing))
        failing = failing - explained if explained else set()
    return tuple(
        Diagnosis(outputs=tuple(name for name in OUTPUTS if name in outputs), changes=changes)
        for changes, outputs in _of_one_arithmetic(ordered, dialect, found)
        if outputs
    )


def _of_one_arithmetic(evidence: Evidence, dialect: Dialect, found: list[Found]) -> list[Found]:
    """Return what was found, with all that a coarse arithmetic explains put down to it.

    Where some outputs are coarse, others that are off now and then need no cause of their own.
    """
    coarse = [changes for changes, _ in found if dict(changes).keys() == {"arithmetic"}]
    if not coarse:
        return found
    candidate, joined, kept = replace(dialect, **dict(coarse[0])), set[str](), []
    for changes, outputs in found:
        of_accuracy = dict(changes).keys() <= OF_ACCURACY
        fitting = passing(evidence, candidate, outputs) if of_accuracy else set()
        joined |= fitting
        kept.append((changes, outputs - fitting))
    return [*kept, (coarse[0], joined)]


def _best_change(evidence: Evidence, dialect: Dialect, failing: set[str], plain: Plain) -> Found:
    """Return the smallest change, and among those of its size the one that explains the most.

    Coarse arithmetic widens every bound a thousandfold and so explains nearly anything: it is
    considered last and by itself, for outputs that are as coarse throughout.
    """
    telling = _telling(evidence, dialect, failing)
    of_sizes = (combinations(telling, size) for size in range(1, MOST_CHANGES + 1))
    for tried in (*of_sizes, _hidden_pairs(evidence, dialect, failing, telling)):
        best: Found = ((), set())
        for changes in tried:
            if len(dict(changes)) == len(changes):  # of as many fields
                explained = explained_by(evidence, dialect, changes, failing)
                best = max(best, (changes, explained), key=lambda found: len(found[1]))
        if best[1]:
            return best
    return _coarse_arithmetic(evidence, dialect, failing, plain())


def _coarse_arithmetic(
    evidence: Evidence, dialect: Dialect, failing: set[str], plain: Evidence
) -> Found:
    """Return the finest arithmetic that explains all outputs that are coarse, and these.

    Coarse ones are often inaccurate for what is declared. They have to be mostly accurate for the
    arithmetic, and to err as rounding does. What explains some of them only is not the cause.
    """
    coarse = failing - _mostly_accurate(plain, dialect, failing)
    if coarse and _erratic(plain, dialect, coarse) == coarse:
        for change, candidate in _alternatives(dialect, "arithmetic"):
            as_coarse = _mostly_accurate(plain, candidate, coarse)
            if as_coarse == coarse and passing(evidence, candidate, coarse) == coarse:
                return (change,), coarse
    return (), set()


def _mostly_accurate(plain: Evidence, dialect: Dialect, outputs: set[str]) -> set[str]:
    """Return which of `outputs` are within one tight bound of `dialect`, three times in four."""
    checks = [check for case_result in plain for check in _judged(case_result, dialect, outputs)]
    within = Counter(check.output for check in checks if check.ratio <= 1.0)
    judged = Counter(check.output for check in checks)
    return {output for output in judged if 4 * within[output] >= 3 * judged[output]}


def _erratic(plain: Evidence, dialect: Dialect, outputs: set[str]) -> set[str]:
    """Return which of `outputs` are off as rounding is: now up, now down."""
    errors: dict[str, list[float]] = {}
    for case_result in plain:
        for check in _judged(case_result, dialect, outputs):
            relative = np.float64(check.got - check.expected) / check.expected
            errors.setdefault(check.output, []).append(float(relative))
    return {output for output, signed in errors.items() if _is_erratic(output, np.array(signed))}


def _is_erratic(output: str, signed: NDArray[np.float64]) -> bool:
    # A sum of squares about a rounded mean is always too large, but by very different amounts.
    if output == "running_var":
        return bool(np.std(signed) > np.abs(signed).mean() / 2)
    up, down = np.sum(signed > 0.0), np.sum(signed < 0.0)
    return bool(10 * min(up, down) >= max(up, down) > 0)


def _telling(evidence: Evidence, dialect: Dialect, failing: set[str]) -> list[Change]:
    """Return the single changes that show in a failing output of some failing case result.

    What changes nothing there cannot be part of an explanation; most conventions are left out.
    """
    failures = [e for e in evidence if failing & set(e.failed)][:MOST_TELLING]
    plain = [expected(e.case, e.inputs, dialect) for e in failures]
    return [
        change
        for field in CONVENTIONS
        if field != "arithmetic"
        for change, candidate in _alternatives(dialect, field)
        if field in OF_ACCURACY
        or any(
            _differ(expected(e.case, e.inputs, candidate), exact, failing)
            for e, exact in zip(failures, plain, strict=True)
        )
    ]


def _hidden_pairs(
    evidence: Evidence, dialect: Dialect, failing: set[str], telling: Sequence[Change]
) -> Iterator[Changes]:
    """Yield pairs of which one shows only once the other is made: a floor where eps is ignored."""
    for first in telling:
        changed = replace(dialect, **dict([first]))
        for second in _telling(evidence, changed, failing):
            if second not in telling:
                yield first, second


def _differ(changed: Exact, plain: Exact, outputs: set[str]) -> bool:
    pairs = ((getattr(changed, name), getattr(plain, name)) for name in outputs)
    return any(a is not None and not np.array_equal(a, b, equal_nan=True) for a, b in pairs)


def _alternatives(dialect: Dialect, field: str) -> list[tuple[Change, Dialect]]:
    """Return every other value of a convention, and the dialect that has it."""
    others: list[Any] = [value for value in CONVENTIONS[field] if value != getattr(dialect, field)]
    return [((field, value), replace(dialect, **{field: value})) for value in others]


def explained_by(
    evidence: Evidence, dialect: Dialect, changes: Changes, failing: set[str]
) -> set[str]:
    """Return which of the outputs in `failing` pass everywhere under `changes`.

    Whoever changes the forward pass may have left the textbook's gradient as it was: the same
    change explains either.
    """
    candidate = replace(dialect, **dict(changes))
    explained = passing(evidence, candidate, failing)
    if "grad_input" in failing - explained and dict(changes).keys() & OF_GRADIENT:
        textbook = replace(candidate, gradient="textbook")
        return explained | passing(evidence, textbook, {"grad_input"})
    return explained


def passing(evidence: Evidence, candidate: Dialect, outputs: set[str]) -> set[str]:
    """Return which of `outputs` pass everywhere in `evidence` under `candidate`."""
    for case_result in evidence:
        if not outputs:
            break
        checks = _judged(case_result, candidate, outputs)
        outputs = outputs - {check.output for check in checks if check.verdict == "fail"}
    return outputs


def _judged(case_result: CaseResult, dialect: Dialect, outputs: set[str]) -> tuple[Check, ...]:
    """Return the checks of `outputs` under `dialect`."""
    exact = expected(case_result.case, case_result.inputs, dialect)
    judged = {name: a for name, a in case_result.outputs.items() if name in outputs}
    return judge(
        judged,
        exact,
        dialect=dialect,
        dtype=case_result.case.dtype,
        updating=case_result.updating,
    )


def formats_of(case: Case) -> tuple[str, str]:
    """Return the formats of data and parameters."""
    return case.dtype, case.param_dtype


def concerns(diagnosis: Diagnosis, case: Case) -> bool:
    """Return whether `diagnosis` is about cases of these formats."""
    return diagnosis.formats in (None, formats_of(case))


def diagnose_by_format(evidence: Evidence, dialect: Dialect, plain: Plain) -> tuple[Diagnosis, ...]:
    """Return diagnoses as `diagnose` does, of each pair of formats by itself where that tells more.

    It does where something remains unexplained, and is explained for one of several pairs.
    """
    whole = diagnose(evidence, dialect, plain)
    pairs = dict.fromkeys(formats_of(case_result.case) for case_result in evidence)
    if len(pairs) < 2 or all(diagnosis.explained for diagnosis in whole):
        return whole

    def diagnosed(pair: tuple[str, str]) -> tuple[Diagnosis, ...]:
        def own(case_results: Evidence) -> Evidence:
            return [e for e in case_results if formats_of(e.case) == pair]

        return diagnose(own(evidence), dialect, lambda: own(plain()))

    parts = [replace(found, formats=pair) for pair in pairs for found in diagnosed(pair)]
    told = {code for diagnosis in whole for code in diagnosis.codes}
    more = {code for diagnosis in parts for code in diagnosis.codes} - told
    return tuple(parts) if more else whole
