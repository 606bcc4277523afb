"""One backend under evaluation: what was seen, what failed, what follows from it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count

from bnparity_reference import Dialect
from hypothesis.strategies import SearchStrategy

from bnparity import results
from bnparity.backends import Ask, Capabilities
from bnparity.cases import Case, cases, declaration, well_conditioned_cases
from bnparity.diagnosis import Diagnosis, concerns, diagnose_by_format
from bnparity.judging import Answers, CaseResult, Failure, answers, run_case, symptoms, unanswered
from bnparity.sessions.ground import Ground
from bnparity.sessions.plan import Plan, least_values
from bnparity.sessions.search import find_failure, of_block

#: Cases are drawn in blocks of at most this many, each from a seed of its own. Of every second
#: block one half climbs towards larger ratios: more would ask too much of too few spots.
BLOCK = 250
#: How many symptoms of one backend are followed up.
MOST_FAILURES = 12
#: How many of each a diagnosis of findings has to account for.
MOST_EVIDENCE = 40
#: How many calls of each kind are traced for other people's work.
TRACED = 2


@dataclass(kw_only=True)
class Evaluation:
    """The state of an evaluation of the backend `ask`, which declares a dialect.

    Cases come from `strategy`, and figures go to `totals`. So many failing and so many passing case
    results are kept for the diagnosis as `most_evidence` says, and so many symptoms are followed up
    as `most_failures`: 0 draws every block to its end. If `tracing`, some calls are traced for
    other people's work. Each case result is noted, and then told by `tell`; once it is `stopped`
    no case is drawn any more.
    """

    ask: Ask
    dialect: Dialect
    dialect_name: str
    strategy: SearchStrategy[Case]
    totals: results.Totals
    most_evidence: int = MOST_EVIDENCE
    most_failures: int = MOST_FAILURES
    tracing: bool = True
    tell: Callable[[CaseResult], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    drawn: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failing: list[CaseResult] = field(default_factory=list)
    passing: list[CaseResult] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    traced: Counter[object] = field(default_factory=Counter)
    borrowed: str = ""
    ground: Ground = field(default_factory=Ground)
    given_up: bool = False

    def run(
        self, *, seed: int, examples: int | None, deadline: float, report: Callable[[], None]
    ) -> None:
        """Put up to `examples` cases to the backend, until the `time.monotonic` of `deadline`."""

        def over() -> bool:
            return self.given_up or self.stopped() or time.monotonic() > deadline

        self.tell = lambda _: report()
        for number in count():
            left = BLOCK if examples is None else min(BLOCK, examples - self.drawn)
            before = self.drawn
            if left <= 0 or over():
                return
            self.draw_block(number, seed, examples=left, over=over)
            if self.drawn == before:
                return  # every case of a small space has been drawn

    def draw_block(
        self, number: int, seed: int, *, examples: int, over: Callable[[], bool]
    ) -> None:
        """Draw the block `number` of all those of `seed`, and follow the first new symptom."""
        drawing = of_block(seed, number)
        failure = find_failure(
            self.strategy,
            self.put,
            self._note,
            **drawing,
            examples=examples,
            over=over,
            height=self.ground.height,
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

    def findings(self, promised: Sequence[str]) -> tuple[results.Finding, ...]:
        """Return what is wrong; `promised` are the outputs that the backend should provide.

        What would make a pass worth nothing is told where there is nothing worse to tell.
        """
        faults = [
            results.of_fault(failure, self._count((symptom,)))
            for symptom, failure in self.failures.items()
            if failure.case_result.fault is not None
        ]
        failures = [self._finding(found) for found in self.diagnoses]
        missing = {name: n for name, n in self.totals.missing.items() if name in promised}
        absent = [
            results.not_provided(name, self.totals.asked[name], n) for name, n in missing.items()
        ]
        blind = [] if faults else self._blind([name for name in promised if name not in missing])
        worse = faults or failures
        borrowed = [results.borrows(self.borrowed)] if self.borrowed and not worse else []
        return (*faults, *failures, *absent, *blind, *borrowed)

    def _plain(self) -> list[CaseResult]:
        """Ask ordinary cases in the formats that fail; a reply that varies says nothing there."""
        if any(symptom.startswith("nondeterminism") for symptom in self.failures):
            return []
        failing = [case_result.case for case_result in self.failing]
        return [self.put(case) for case in well_conditioned_cases(failing, self.dialect)]

    def put(self, case: Case) -> CaseResult:
        """Put a case to the backend, without noting what comes of it."""
        kind = (results.cell_of(case), case.affine, case.gradient, case.values_per_channel < 2)
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
        evidence = self.failing if found else self.passing
        if case_result.fault is None and len(evidence) < self.most_evidence:
            evidence.append(case_result)
        if found:
            self.seen[found] += 1
        self.tell(case_result)
        new = [symptom for symptom in found if symptom not in self.failures]
        return new[0] if new and len(self.failures) < self.most_failures else None

    def _finding(self, found: Diagnosis) -> results.Finding:
        """Return a diagnosis with the smallest case that failed: one shrunk for it, if any was."""
        output = found.outputs[0]
        shrunk = [self.failures[output].case_result] if output in self.failures else []
        smallest = next(
            case_result
            for case_result in (*shrunk, *self.evidence)
            if output in case_result.failed and concerns(found, case_result.case)
        )
        count = self._count(found.outputs)
        return results.of_diagnosis(found, smallest, count, self.dialect, self.dialect_name)

    def _blind(self, provided: Sequence[str]) -> list[results.Finding]:
        judged = {output: f.verdicts.total() for output, f in self.totals.outputs.items()}
        return [
            results.could_not_fail(output, texts, judged.get(output, 0))
            for output, texts in unanswered(self.answers, provided).items()
        ]

    def _count(self, wanted: Sequence[str]) -> int:
        return sum(count for found, count in self.seen.items() if set(found) & set(wanted))


def ends_process(symptom: str) -> bool:
    """Return whether a symptom is a crash or a hang, which cost the backend its process."""
    return symptom.startswith(("crash: ", "hang: "))


def evaluation_of(ask: Ask, capabilities: Capabilities, plan: Plan) -> Evaluation:
    """Return an evaluation of a backend by `plan`, in which nothing has been drawn yet."""
    dialect_name = plan.dialect_of(capabilities)
    declared = declaration(dialect_name)
    return Evaluation(
        ask=ask,
        dialect=declared.dialect,
        dialect_name=dialect_name,
        stopped=plan.stopped,
        strategy=cases(
            declared,
            dtypes=plan.dtypes_of(capabilities),
            ranks=capabilities.ranks,
            min_values=least_values(capabilities),
            momentum_none=capabilities.momentum_none,
            max_elements=plan.max_elements,
        ),
        totals=results.Totals(),
    )
