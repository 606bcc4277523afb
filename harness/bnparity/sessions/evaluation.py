"""One backend under evaluation: what was seen, what failed, what follows from it."""

import math
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import count
from typing import Any

from bnparity_reference import Dialect

from bnparity import results
from bnparity.backends import LONGER, Ask, Capabilities, Fault
from bnparity.cases import Case, Space, declaration
from bnparity.diagnosis import MOST_EFFORT, Diagnosis
from bnparity.judging import Answers, CaseResult, Dues, Failure, answers, due_of, run_case, symptoms
from bnparity.sessions.askable import askable
from bnparity.sessions.doubtful import is_doubtful, patient, settled
from bnparity.sessions.ending import GRACE
from bnparity.sessions.ground import Ground
from bnparity.sessions.plan import Plan
from bnparity.sessions.search import Picks, explore, shrunk
from bnparity.sessions.tally import Tally
from bnparity.sessions.unsteady import diagnosed, unsteady_of

#: Cases are drawn in blocks of at most this many, each from a seed of its own.
BLOCK = 250
#: How many cases are asked to shrink one, and one that crashes: each costs the start of a process.
SHRINKS, SHRINKS_OF_CRASH = 400, 20
#: How many first cases that show one fault are enough to ask no more.
ALIKE = 5
#: How many symptoms of one backend are followed up.
MOST_FAILURES = 12
#: How many of each a diagnosis of findings has to account for.
MOST_EVIDENCE = 40
#: How many failing cases are kept to count those that a condition holds in.
MOST_COUNTED = 5000
#: How many cases without an answer, even when asked again, are enough to ask no more.
MOST_HANGS = 2
#: How long a diagnosis in a session may take.
DIAGNOSING_SECONDS = 20.0
#: How many calls of each kind are traced for other people's work.
TRACED = 2


@dataclass(kw_only=True)
class Evaluation:
    """The state of an evaluation of the backend `ask`, which declares a dialect.

    Cases come from `space`, and figures go to `totals`. So many failing and so many passing case
    results are kept for the diagnosis as `most_evidence` says, and so many symptoms are followed up
    as `most_failures`: 0 draws every block to its end. A diagnosis ends after `diagnosing_seconds`
    at the latest, which are kept back once something has failed, if they have an end, and with
    `diagnosing_effort`. If `tracing`, some calls are traced for other people's work. Each case
    result is noted, and then told by `tell`; once it is `stopped` no case is drawn any more.

    So many cases as `shrinks` says are asked to shrink one, None as many as a few seconds allow.
    What is due of a case `dues` says. Of the symptoms it follows up those alone that it `follows`.

    So many failing cases as `maxfail` says end the run, 0 none; if it is None, `ALIKE` first ones
    do that all show one fault. ``enough`` says then why it ended.

    What the machine may have caused is asked again, which takes up to `longer` seconds, if it can
    be over by the `time.monotonic` of `until`; ``again`` counts what did not come again. If the
    backend's files change, ``changed`` says which, and nothing more is asked.
    """

    ask: Ask
    dialect: Dialect
    dialect_name: str
    space: Space
    totals: results.Totals
    most_evidence: int = MOST_EVIDENCE
    most_failures: int = MOST_FAILURES
    diagnosing_seconds: float = math.inf
    diagnosing_effort: float = MOST_EFFORT
    tracing: bool = True
    tell: Callable[[CaseResult], None] = lambda _: None
    stopped: Callable[[], bool] = lambda: False
    maxfail: int | None = 0
    shrinks: int | None = None
    dues: Dues = due_of
    follows: Callable[[str], bool] = lambda _: True
    longer: float = 0.0
    until: float = math.inf
    hangs: int = 0
    again: Counter[str] = field(default_factory=Counter)
    changed: str = ""
    drawn: int = 0
    failures: dict[str, Failure] = field(default_factory=dict)
    seen: Counter[tuple[str, ...]] = field(default_factory=Counter)
    failed_cases: list[tuple[Case, tuple[str, ...]]] = field(default_factory=list)
    failing: list[CaseResult] = field(default_factory=list)
    passing: list[CaseResult] = field(default_factory=list)
    answers: Answers = field(default_factory=Answers)
    tally: Tally = field(default_factory=Tally)
    traced: Counter[object] = field(default_factory=Counter)
    varying: dict[object, tuple[str, str] | None] = field(default_factory=dict)
    borrowed: str = ""
    ground: Ground = field(default_factory=Ground)
    given_up: bool = False
    enough: str = ""

    def run(
        self,
        *,
        seed: int,
        examples: int | None,
        deadline: float,
        report: Callable[[], None],
        least: int = 0,
        longest: float = 0.0,
    ) -> None:
        """Put up to `examples` cases to the backend, until the `time.monotonic` of `deadline`.

        The `least` of cases that there are to be may take until that of `longest`.
        """

        def over() -> bool:
            kept_back = self.diagnosing_seconds if self.failing else 0.0
            ended = self.given_up or self.enough or self.stopped()
            last = longest if self.drawn < least else deadline - kept_back
            return bool(ended) or time.monotonic() > last

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
        """Draw the block `number` of all those of `seed`, and follow new symptoms."""
        new = dict[str, tuple[Picks, CaseResult]]()

        def visit(picks: Picks, case: Case) -> float | None:
            case_result = self.put(case)
            symptom = self._note(case_result)
            if symptom is not None:
                new.setdefault(symptom, (picks, case_result))
            # What is known to fail is no place to climb to.
            return None if symptoms(case_result) else self.ground.height(case_result)

        explore(
            self.space,
            visit,
            seed=block_seed(seed, number),
            examples=examples,
            over=over,
            between=lambda: self._follow(new),
        )

    def _follow(self, new: dict[str, tuple[Picks, CaseResult]]) -> None:
        """Shrink what is `new`, and keep it."""
        while new:
            symptom, (picks, case_result) = new.popitem()
            found = Failure(symptom=symptom, case_result=case_result)
            crashes = self.shrinks is not None and ends_process(symptom)
            most = SHRINKS_OF_CRASH if crashes else self.shrinks
            self.failures[symptom] = shrunk(self.space, picks, found, self.put, shrinks=most)

    @property
    def evidence(self) -> list[CaseResult]:
        """What was seen and is kept: the smallest failures, others, and passes."""
        return self._evidence(self.most_evidence)

    def _evidence(self, most: int) -> list[CaseResult]:
        shrunk = [failure.case_result for failure in self.failures.values()]
        return [*(e for e in shrunk if e.fault is None), *self.failing[:most], *self.passing[:most]]

    @cached_property
    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """What explains the outputs that failed; made once, after the run."""
        return diagnosed(
            self._evidence(MOST_EVIDENCE),  # more of it costs more than it tells
            unsteady_of(self.failed_cases, self.failures.values()),
            self.dialect,
            self.put,
            deadline=min(time.monotonic() + self.diagnosing_seconds, self.until + GRACE),
            most_effort=self.diagnosing_effort,
        )

    def put(self, case: Case) -> CaseResult:
        """Put a case to the backend, without noting what comes of it."""
        kind = (results.cell_of(case), case.affine, case.gradient, case.values_per_channel < 2)
        self.traced[kind] += 1
        traced = self.tracing and self.traced[kind] <= TRACED
        about: dict[str, Any] = {"traced": traced, "dues": self.dues}
        case_result = run_case(self.ask, case, self.dialect, **about)
        if is_doubtful(case_result.fault):
            late = self.stopped() or time.monotonic() + self.longer > self.until
            asking = partial(run_case, patient(self.ask), case, self.dialect, **about)
            case_result = settled(case_result, asking, late=late)
            self.again.update(filter(None, [case_result.again]))
        self._note_end(case_result.fault)
        return case_result

    def _note_end(self, fault: Fault | None) -> None:
        """Note a fault after which nothing more is asked, also if the case was not drawn."""
        if fault is None:
            return
        self.hangs += fault.kind == "hang"
        if self.hangs == MOST_HANGS and not self.enough:
            self.enough = f"{MOST_HANGS} cases got no answer, asked twice each: stopped"
        if fault.final and fault.kind == "unsupported":
            self.changed = fault.text
        self.given_up = self.given_up or bool(self.changed) or self.hangs >= MOST_HANGS

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
        new = [s for s in found if s not in self.failures and self.follows(s)]
        if new and new[0].startswith("hang: "):  # each smaller case would take as long
            self.failures[new[0]] = Failure(symptom=new[0], case_result=case_result)
            return None
        return new[0] if new and len(self.failures) < self.most_failures else None

    def _count_in(self, case_result: CaseResult) -> tuple[str, ...]:
        """Count a case result, keep it as evidence, and return its symptoms."""
        if case_result.fault is not None and case_result.fault.final:
            self.given_up = True
        self.totals.add(case_result)
        found = symptoms(case_result)
        self.tally.add(case_result, found)
        self.borrowed = self.borrowed or case_result.borrowed
        self.answers = answers(case_result, self.dialect, self.answers, dues=self.dues)
        evidence = self.failing if found else self.passing
        if case_result.fault is None and len(evidence) < self.most_evidence:
            evidence.append(case_result)
        if found:
            self.seen[found] += 1
            if len(self.failed_cases) < MOST_COUNTED:
                self.failed_cases.append((case_result.case, found))
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


def block_seed(seed: int, number: int) -> int:
    """Return the seed of the block `number` of a session with `seed`."""
    return (seed << 32) + number


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
        longer=LONGER * plan.limits.of_call(capabilities.compiles),
        space=askable(plan.part.of_dialect(declared), capabilities, plan),
        totals=results.Totals(),
        # Where nobody waits for an end, what is found does not depend on the load of the machine.
        shrinks=SHRINKS if plan.seconds is None else None,
        diagnosing_seconds=math.inf if plan.seconds is None else DIAGNOSING_SECONDS,
    )
