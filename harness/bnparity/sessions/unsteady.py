"""Kinds of calls whose replies vary from one to the next: what they return says nothing else.

Nothing is asked of such a kind for the sake of an explanation, and its failures neither bear a name
out nor refute it. What is steady is explained as if there were no others.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from bnparity_reference import Dialect

from bnparity.backends import Fault
from bnparity.cases import Case, make_inputs
from bnparity.diagnosis import Diagnosis, Put, diagnose
from bnparity.judging import CaseResult, Failure
from bnparity.results import Cell, cell_of

#: A cell, and how many values a channel has: none, one or several.
Kind: TypeAlias = tuple[Cell, int]


def varies(symptom: str) -> bool:
    """Return whether a symptom is that equal calls have replies that differ."""
    return symptom.startswith("nondeterminism: ")


@dataclass(frozen=True, kw_only=True)
class Unsteady:
    """The kinds of calls whose replies were seen to vary."""

    kinds: frozenset[Kind]

    def __contains__(self, case: Case) -> bool:
        """Return whether `case` is of such a kind."""
        return _kind_of(case) in self.kinds

    def spared(self, put: Put) -> Put:
        """Return what puts cases to a backend, but declines those whose replies may vary."""

        def put_steady(case: Case) -> CaseResult:
            return _declined(case) if case in self else put(case)

        return put_steady


def unsteady_of(
    failed: Iterable[tuple[Case, Sequence[str]]], failures: Iterable[Failure]
) -> Unsteady:
    """Return the kinds that vary: of the cases that `failed`, with symptoms, and of `failures`."""
    cases = [case for case, symptoms in failed if any(map(varies, symptoms))]
    cases += [failure.case_result.case for failure in failures if varies(failure.symptom)]
    return Unsteady(kinds=frozenset(map(_kind_of, cases)))


def diagnosed(
    evidence: Sequence[CaseResult],
    unsteady: Unsteady,
    dialect: Dialect,
    put: Put,
    *,
    deadline: float,
    most_effort: float,
) -> tuple[Diagnosis, ...]:
    """Return what explains the outputs that failed in `evidence`, by what is steady of it.

    Of an output that fails in calls alone that vary no more is asked, and only that is told.
    """
    steady = [e for e in evidence if e.case not in unsteady]
    asking = unsteady.spared(put)
    found = diagnose(steady, dialect, asking, deadline=deadline, most_effort=most_effort)
    told = {output for diagnosis in found for output in diagnosis.outputs}
    others = [e for e in evidence if e.case in unsteady]
    rest = diagnose(others, dialect, deadline=deadline, most_effort=most_effort)
    return (*found, *(part for diagnosis in rest for part in _untold(diagnosis, told)))


def _untold(diagnosis: Diagnosis, told: set[str]) -> list[Diagnosis]:
    """Return a diagnosis of the outputs that are not `told`; nothing if all are."""
    outputs = tuple(output for output in diagnosis.outputs if output not in told)
    return [replace(diagnosis, outputs=outputs)] if outputs else []


def _kind_of(case: Case) -> Kind:
    return cell_of(case), min(case.values_per_channel, 2)


def _declined(case: Case) -> CaseResult:
    """Return the result of a case that is not asked."""
    return CaseResult(
        case=case,
        inputs=make_inputs(case),
        outputs={},
        checks=(),
        fault=Fault(kind="unsupported", text="replies to such calls vary"),
        asked=(),
    )
