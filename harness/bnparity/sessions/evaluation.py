"""One backend under evaluation: what was seen, what failed, what follows from it."""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count

from bnparity_reference import Dialect
from hypothesis.strategies import SearchStrategy

from bnparity import results
from bnparity.backends import Ask, Capabilities
from bnparity.cases import Case, cases, declaration, well_conditioned_cases
from bnparity.diagnosis import Diagnosis, concerns, diagnose_by_format
from bnparity.judging import Answers, CaseResult, Failure, answers, run_case, symptoms, unanswered
from bnparity.sessions.again import asked_again, faults_alike, untold
from bnparity.sessions.plan import Plan, least_values
from bnparity.sessions.search import find_failure, of_block
from bnparity.sessions.tally import FEWEST, Tally

#: Cases are drawn in blocks of at most this many, each from a seed of its own. Of every second
#: block one half climbs towards larger ratios: more would ask too much of too few spots.
BLOCK = 250
#: How many first cases that show one fault are enough to ask no more.
ALIKE = 5
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

    So many failing cases as `maxfail` says end the run, 0 none; if it is None, `ALIKE` first ones
    do that all show one fault. ``enough`` says then why it ended.
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
    maxfail: int | None = 0
    drawn: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failing: list[CaseResult] = field(default_factory=list)
    passing: list[CaseResult] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    tally: Tally = field(default_factory=Tally)
    traced: Counter[object] = field(default_factory=Counter)
    varying: dict[object, tuple[str, str] | None] = field(default_factory=dict)
    borrowed: str = ""
    given_up: bool = False
    enough: str = ""

    def run(
        self, *, seed: int, examples: int | None, deadline: float, report: Callable[[], None]
    ) -> None:
        """Put up to `examples` cases to the backend, until the `time.monotonic` of `deadline`."""

        def over() -> bool:
            ended = self.given_up or self.enough or self.stopped()
            return bool(ended) or time.monotonic() > deadline

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
            self.strategy, self.put, self._note, **drawing, examples=examples, over=over
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
        faults, failures = self.deviations()
        if not self.totals.cases and self.totals.unsupported and not faults:
            return (results.declined(self.totals.unsupported),)
        missing = {name: n for name, n in self.totals.missing.items() if name in promised}
        absent = results.not_provided(self.totals.asked, missing)
        provided = [name for name in promised if name not in missing]
        judged = {name: figures.verdicts.total() for name, figures in self.totals.outputs.items()}
        never = {} if faults else unanswered(self.answers, provided)
        blind = results.could_not_fail(never, judged)
        worse = faults or failures
        borrowed = [results.borrows(self.borrowed)] if self.borrowed and not worse else []
        return (*faults, *failures, *absent, *blind, *borrowed)

    def deviations(self) -> tuple[list[results.Finding], list[results.Finding]]:
        """Return what came instead of answers, and what is wrong with answers."""
        faults = [self._of_faults(alike) for alike in faults_alike(self.failures.values())]
        parts = [self._finding(part) for found in self.diagnoses for part in self._parts(found)]
        return faults, untold(parts, faults)

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

    def ask_again(self, case: Case) -> list[Failure]:
        """Count a case that was not drawn, and return what it shows.

        What is drawn stays as it is, so its failures are not followed before all is drawn.
        """
        return self.take(self.put(case))

    def take(self, case_result: CaseResult) -> list[Failure]:
        """Count a case result that nobody has to be asked for, and return what it shows."""
        return [Failure(symptom=s, case_result=case_result) for s in self._count_in(case_result)]

    def _note(self, case_result: CaseResult) -> str | None:
        self.drawn += 1
        found = self._count_in(case_result)
        new = [symptom for symptom in found if symptom not in self.failures]
        return new[0] if new and len(self.failures) < self.most_failures else None

    def _count_in(self, case_result: CaseResult) -> tuple[str, ...]:
        """Count a case result, keep it as evidence, and return its symptoms."""
        if case_result.fault is not None and case_result.fault.final:
            self.given_up = True
        self.totals.add(case_result)
        found = symptoms(case_result)
        self.tally.add(case_result, found)
        self.borrowed = self.borrowed or case_result.borrowed
        self.answers = answers(case_result, self.dialect, self.answers)
        evidence = self.failing if found else self.passing
        if case_result.fault is None and len(evidence) < self.most_evidence:
            evidence.append(case_result)
        if found:
            self.seen[found] += 1
        self.enough = self.enough or self._enough()
        self.tell(case_result)
        return found

    def _enough(self) -> str:
        """Return why no case is drawn any more; nothing while some are."""
        failing = self.seen.total()
        if self.maxfail:
            cases = "1 failing case" if failing == 1 else f"{failing} failing cases"
            told = f"stopped after {cases}; --maxfail 0 asks on"
            return told if failing >= self.maxfail else ""
        if self.maxfail is None and failing == self.totals.cases == ALIKE and len(self.seen) == 1:
            (((symptom, *_),),) = (self.seen,)
            if symptom.startswith(("error: ", "crash: ", "hang: ")):
                return f"the first {ALIKE} cases all failed alike: stopped; --maxfail 0 asks on"
        return ""

    def _of_faults(self, alike: Sequence[Failure]) -> results.Finding:
        """Return the finding that faults amount to which are all the same one."""
        told = [failure.symptom for failure in alike]
        varies = told[0].startswith("nondeterminism")  # which two equal calls show, and only they
        occurrence = results.Occurrence(
            count=self._count(told),
            cases=self.totals.cases,
            shared=None if len(told) > 1 or varies else self.tally.shared(told[0]),
        )
        return results.of_fault(alike[0], occurrence, self.dialect_name)

    def _parts(self, found: Diagnosis) -> list[Diagnosis]:
        """Return a diagnosis, taken apart by what is special of outputs that nothing explains."""
        if found.explained:
            return [found]
        kinds: dict[object, list[str]] = {}
        for output in found.outputs:
            special = (self._again(found, output) is not None, self._always_zero(output))
            kinds.setdefault(special, []).append(output)
        return [replace(found, outputs=tuple(outputs)) for outputs in kinds.values()]

    def _finding(self, found: Diagnosis) -> results.Finding:
        """Return a diagnosis with the smallest case that failed: one shrunk for it, if any was."""
        output = found.outputs[0]
        occurrence = results.Occurrence(
            count=self._count(found.outputs),
            cases=self.totals.cases,
            shared=self.tally.shared(output) if found.formats is None else None,
            worst=self.tally.worst_of(output, lambda case: concerns(found, case)),
            again=self._again(found, output),
            always_zero=not found.explained and self._always_zero(output),
        )
        smallest = self._smallest(found, output)
        return results.of_diagnosis(found, smallest, occurrence, self.dialect, self.dialect_name)

    def _smallest(self, found: Diagnosis, output: str) -> CaseResult:
        shrunk = [self.failures[output].case_result] if output in self.failures else []
        return next(
            case_result
            for case_result in (*shrunk, *self.evidence)
            if output in case_result.failed and concerns(found, case_result.case)
        )

    def _again(self, found: Diagnosis, output: str) -> tuple[str, str] | None:
        """Return an element in two equal calls if it differs; what ends processes is not asked."""
        known = (output, found.formats)
        if known not in self.varying:
            ended = self.stopped() or any(map(ends_process, self.failures))
            between = [case_result.case for case_result in self.passing[-2:]]
            smallest = self._smallest(found, output)
            self.varying[known] = (
                None if ended else asked_again(self.put, smallest, output, between)
            )
        return self.varying[known]

    def _always_zero(self, output: str) -> bool:
        """Return whether an output was 0 in every case that is kept."""
        kept = [e.outputs[output] for e in self.evidence if output in e.outputs]
        return len(kept) >= FEWEST and not any(array.any() for array in kept)

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
        maxfail=plan.maxfail,
        strategy=cases(
            plan.part.of_dialect(declared),
            dtypes=plan.dtypes_of(capabilities),
            ranks=capabilities.ranks,
            min_values=least_values(capabilities),
        ),
        totals=results.Totals(),
    )
