"""One backend under evaluation: what was seen, what is suspicious, what follows from it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from bnparity_reference import Dialect
from hypothesis.strategies import SearchStrategy

from bnparity.backends import Ask
from bnparity.cases import Case, well_conditioned_cases
from bnparity.diagnosis import Diagnosis, concerns, diagnose_by_format
from bnparity.judging import Answers, CaseResult, Failure, answers, run_case, symptoms, unanswered
from bnparity.results import (
    Finding,
    Totals,
    borrows,
    cell_of,
    could_not_fail,
    not_provided,
    of_diagnosis,
    of_fault,
)
from bnparity.sessions.search import find_failure

#: Cases are drawn in blocks of at most this many, each from a seed of its own. Of every second
#: block one half climbs towards larger ratios: more would ask too much of too few spots.
BLOCK = 250
#: How many symptoms of one backend are followed up.
MOST_FAILURES = 12
#: How many of each a diagnosis of findings has to account for.
MOST_EVIDENCE = 40

#: How many calls of each kind are traced for other people's work.
TRACED = 2


def block_seed(seed: int, number: int) -> int:
    """Return the seed from which the block `number` of a session with `seed` is drawn."""
    return (seed << 32) + number


def climbs(number: int) -> bool:
    """Return whether the block `number` climbs: every second one does."""
    return number % 2 == 1


@dataclass(kw_only=True)
class Evaluation:
    """The state of an evaluation.

    Parameters
    ----------
    ask, dialect, dialect_name
        The backend, and what it declares.
    strategy
        Where the cases come from.
    totals
        Where the figures go.
    most_evidence
        How many failing and how many passing case results are kept for the diagnosis.
    most_failures
        How many symptoms are followed up; 0 draws every block to its end.
    tracing
        Whether some calls are traced for other people's work.
    """

    ask: Ask
    dialect: Dialect
    dialect_name: str
    strategy: SearchStrategy[Case]
    totals: Totals
    most_evidence: int = MOST_EVIDENCE
    most_failures: int = MOST_FAILURES
    tracing: bool = True
    drawn: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failing: list[CaseResult] = field(default_factory=list)
    passing: list[CaseResult] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    traced: Counter[object] = field(default_factory=Counter)
    borrowed: str = ""
    given_up: bool = False

    def run(
        self, *, seed: int, examples: int | None, deadline: float, report: Callable[[], None]
    ) -> None:
        """Put up to `examples` cases to the backend, until the `time.monotonic` of `deadline`."""

        def over() -> bool:
            return self.given_up or time.monotonic() > deadline

        block = 0
        while not over() and (examples is None or self.drawn < examples):
            before = self.drawn
            self.draw_block(
                block,
                seed=seed,
                examples=BLOCK if examples is None else min(BLOCK, examples - self.drawn),
                over=over,
                tell=lambda _: report(),
            )
            if self.drawn == before:
                break  # every case of a small space has been drawn
            block += 1

    def draw_block(
        self,
        number: int,
        *,
        seed: int,
        examples: int,
        over: Callable[[], bool],
        tell: Callable[[CaseResult], None],
    ) -> None:
        """Draw up to `examples` cases of the block `number`, and follow the first new symptom.

        Parameters
        ----------
        number, seed
            Of the block, and of all of them: together they say what is drawn.
        examples, over
            As `find_failure` takes them.
        tell
            Takes each case result, after it is noted.
        """

        def note(case_result: CaseResult) -> str | None:
            symptom = self._note(case_result)
            tell(case_result)
            return symptom

        failure = find_failure(
            self.strategy,
            self.put,
            note,
            seed=block_seed(seed, number),
            examples=examples,
            over=over,
            climbing=climbs(number),
        )
        if failure is not None:
            self.failures[failure.symptom] = failure

    @property
    def evidence(self) -> list[CaseResult]:
        """What a diagnosis has to account for: the smallest failures, others, and passes."""
        shrunk = [failure.case_result for failure in self.failures.values()]
        return [*(e for e in shrunk if e.fault is None), *self.failing, *self.passing]

    @cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What explains the outputs that failed; made once, after the run."""
        return diagnose_by_format(self.evidence, self.dialect, self._plain)

    def findings(self, promised: Sequence[str]) -> tuple[Finding, ...]:
        """Return what is wrong; `promised` are the outputs that the backend should provide.

        What would make a pass worth nothing is told where there is nothing worse to tell.
        """
        faults, failures = self._faults(), self._failures()
        borrowed = [borrows(self.borrowed)] if self.borrowed and not (faults or failures) else []
        blind = [] if faults else self._blind(promised)
        return (*faults, *failures, *self._missing(promised), *blind, *borrowed)

    def _plain(self) -> list[CaseResult]:
        """Ask ordinary cases in the formats that fail; a reply that varies says nothing there."""
        if any(symptom.startswith("nondeterminism") for symptom in self.failures):
            return []
        asked = well_conditioned_cases(
            [case_result.case for case_result in self.failing], self.dialect
        )
        return [self.put(case) for case in asked]

    def put(self, case: Case) -> CaseResult:
        """Put a case to the backend, without noting what comes of it."""
        kind = (cell_of(case), case.affine, case.gradient, case.values_per_channel < 2)
        self.traced[kind] += 1
        traced = self.tracing and self.traced[kind] <= TRACED
        return run_case(self.ask, case, self.dialect, traced=traced)

    def _note(self, case_result: CaseResult) -> str | None:
        if case_result.fault is not None and case_result.fault.final:
            self.given_up = True
        self.drawn += 1
        self.totals.add(case_result)
        found = symptoms(case_result)
        self.borrowed = self.borrowed or case_result.borrowed
        self.answers = answers(case_result, self.dialect, self.answers)
        if case_result.fault is None:
            evidence = self.failing if found else self.passing
            if len(evidence) < self.most_evidence:
                evidence.append(case_result)
        if not found:
            return None
        self.seen[found] += 1
        new = [symptom for symptom in found if symptom not in self.failures]
        return new[0] if new and len(self.failures) < self.most_failures else None

    def _faults(self) -> list[Finding]:
        return [
            of_fault(failure, self._count((symptom,)))
            for symptom, failure in self.failures.items()
            if failure.case_result.fault is not None
        ]

    def _failures(self) -> list[Finding]:
        return [
            of_diagnosis(
                found,
                self._smallest(found),
                self._count(found.outputs),
                self.dialect,
                self.dialect_name,
            )
            for found in self.diagnoses
        ]

    def _smallest(self, found: Diagnosis) -> CaseResult:
        """Return the smallest case result that failed: that was shrunk for it, if one was."""
        output = found.outputs[0]
        shrunk = [self.failures[output].case_result] if output in self.failures else []
        return next(
            case_result
            for case_result in (*shrunk, *self.evidence)
            if output in case_result.failed and concerns(found, case_result.case)
        )

    def _missing(self, promised: Sequence[str]) -> list[Finding]:
        return [
            not_provided(output, self.totals.asked[output], missing)
            for output, missing in self.totals.missing.items()
            if output in promised
        ]

    def _blind(self, promised: Sequence[str]) -> list[Finding]:
        checkable = [output for output in promised if output not in self.totals.missing]
        return [
            could_not_fail(output, texts, self._judged(output))
            for output, texts in unanswered(self.answers, checkable).items()
        ]

    def _judged(self, output: str) -> int:
        figures = self.totals.outputs.get(output)
        return 0 if figures is None else figures.verdicts.total()

    def _count(self, wanted: Sequence[str]) -> int:
        return sum(count for found, count in self.seen.items() if set(found) & set(wanted))
