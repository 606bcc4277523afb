"""The main job: a backend judged by a plan."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bnparity.backends import Capabilities, Name, Opened, Remote, parse
from bnparity.diagnosis import measure
from bnparity.judging import (
    Dues,
    Failure,
    accumulations,
    due_of,
    shared_answers,
    worse_than,
)
from bnparity.results import (
    Earlier,
    Judgement,
    not_taken,
    of_accumulation,
)
from bnparity.sessions.ending import ending
from bnparity.sessions.evaluation import (
    MOST_EVIDENCE,
    Evaluation,
    ends_process,
    evaluation_of,
)
from bnparity.sessions.findings import findings_of
from bnparity.sessions.kept import asked_by, kept_of, still_shown
from bnparity.sessions.over_time import APIS, follow
from bnparity.sessions.plan import Plan, unjudged
from bnparity.sessions.telling import telling_first

if TYPE_CHECKING:
    from bnparity.porting import Answer  # takes long to import, and few backends have claims

#: Case results of each kind that are kept to measure conventions: rare ones have to be among them.
MEASURING_EVIDENCE = 200

#: How long grades and conventions may take, in seconds and as a share of a backend's time: kept
#: back for them.
GRADING_SECONDS, GRADING_SHARE = 4.0, 0.3

#: How large a share of a backend's time a diagnosis may take.
DIAGNOSING_SHARE = 0.2

#: How many times its share a backend may have over it, to be asked the least of cases.
_PATIENCE = 2.0

#: How long claims may take where time is short: Graph mode compiles a layer for most of them.
CLAIMS_SECONDS, CLAIMS_SHARE = 3.0, 0.5


@dataclass(frozen=True, kw_only=True)
class Along:
    """How far a backend is: what share of it is ``done``, from 0 to 1, in how many ``seconds``.

    So many ``failures`` have been told apart.
    """

    done: float = 0.0
    seconds: float = 0.0
    failures: int = 0


#: Told after each case, and at the end: whose, and how far that one is.
Progress = Callable[[Judgement, Along], None]


def judged(
    name: Name,
    backend: Opened,
    plan: Plan,
    progress: Progress,
    seconds: float,
    dues: Dues = due_of,
) -> Judgement:
    """Judge a backend that is ready for at most `seconds`, by what `dues` says is due of cases."""
    start = time.monotonic()
    judgement = unjudged(name)
    judgement.reason, judgement.version = backend.reason, backend.version
    judgement.device, judgement.software = backend.device, backend.software
    judgement.taken_for = backend.capabilities.taken_for
    of_own = backend.capabilities.taken_for
    if backend.remote is not None and not of_own and not plan.stopped():
        judgement.claims = _claims(backend.remote, backend.capabilities.dialect, seconds)
    _evaluate(judgement, backend, plan, progress, start + seconds, dues)
    if not plan.stopped():
        follow(judgement, backend, plan, math.inf if plan.least else start + seconds)
    judgement.seconds = time.monotonic() - start
    judgement.compile_seconds = backend.compile_seconds()
    ended = Along(done=1.0, seconds=judgement.seconds, failures=len(judgement.findings))
    progress(judgement, ended)
    return judgement


def _claims(remote: Remote, dialect: str, seconds: float) -> "tuple[Answer, ...]":
    """Return what is measured of the claims about an API's layers; none where there is no page."""
    if dialect not in APIS:
        return ()
    from bnparity.porting import answers  # takes long, and few backends are layers of an API

    most = math.inf if math.isinf(seconds) else min(CLAIMS_SECONDS, CLAIMS_SHARE * seconds)
    return answers(remote, APIS[dialect], deadline=time.monotonic() + most)


def _evaluate(
    judgement: Judgement,
    backend: Opened,
    plan: Plan,
    progress: Progress,
    end: float,
    dues: Dues,
) -> None:
    ask, capabilities = backend.ask, backend.capabilities
    if ask is None:
        return
    if not plan.dtypes_of(capabilities):
        judgement.reason = plan.takes_none
        return
    judgement.dialect = plan.dialect_of(capabilities)
    judgement.not_asked = plan.not_asked(capabilities)
    begin = time.monotonic()
    if not plan.least:  # nobody has given a time that may not be exceeded
        ask = ending(backend, ask, end)
    evaluation = evaluation_of(ask, capabilities, plan)
    evaluation.totals, evaluation.dues = judgement.totals, dues
    longest = end + _PATIENCE * (end - begin) if plan.least else end
    evaluation.until = longest
    evaluation.most_evidence = MEASURING_EVIDENCE if plan.measuring else MOST_EVIDENCE
    share = DIAGNOSING_SHARE * (end - begin)
    evaluation.diagnosing_seconds = min(evaluation.diagnosing_seconds, share)
    drawn_until = end - min(GRADING_SECONDS, GRADING_SHARE * (end - begin))

    def report() -> None:
        seconds = time.monotonic() - begin
        by_time = seconds / (end - begin) if end > begin else 1.0
        by_count = evaluation.drawn / plan.examples if plan.examples else 0.0
        failures = len({symptom for found in evaluation.seen for symptom in found})
        done = min(max(by_time, by_count), 1.0)
        progress(judgement, Along(done=done, seconds=seconds, failures=failures))

    failures = _ask_earlier(judgement, evaluation, capabilities, plan, drawn_until)
    asked_until = longest if plan.least else drawn_until
    evaluation.run(
        seed=plan.seed,
        examples=plan.examples,
        deadline=drawn_until,
        report=report,
        least=plan.least,
        longest=asked_until,
    )
    end = max(end, time.monotonic() + GRADING_SECONDS) if plan.least else end
    judgement.stopped, judgement.again = evaluation.enough, dict(evaluation.again)
    for failure in failures:
        evaluation.failures.setdefault(failure.symptom, failure)
    # Nothing more is asked of one that has cost its process, nor of any once it is stopped.
    if not plan.stopped() and not any(map(ends_process, evaluation.failures)):
        _probe(judgement, evaluation, capabilities, plan, end)
    worse = worse_than(capabilities.accumulation, judgement.accumulations)
    broken = (of_accumulation(capabilities.accumulation, worse),) if worse else ()
    left_out = [d for d in plan.dtypes or () if d not in capabilities.dtypes]
    unasked = (not_taken(left_out, capabilities.dtypes),) if left_out else ()
    judgement.findings = (*findings_of(evaluation, capabilities.outputs), *broken, *unasked)
    until = time.monotonic() if plan.stopped() else end
    judgement.conventions = measure(
        telling_first(evaluation.evidence),
        evaluation.dialect,
        evaluation.diagnoses,
        deadline=until,
        dues=dues,
    )


def _ask_earlier(
    judgement: Judgement,
    evaluation: Evaluation,
    capabilities: Capabilities,
    plan: Plan,
    deadline: float,
) -> list[Failure]:
    """Ask what failed in earlier sessions, and return what still does."""
    kept = [] if plan.earlier is None else kept_of(parse(judgement.name), plan.earlier)
    failures: list[Failure] = []
    for found in kept:
        if plan.stopped() or evaluation.given_up or time.monotonic() > deadline:
            break
        if asked_by(plan, capabilities, found.case, found.declared):
            shown = evaluation.ask_again(found.case)
            fails = still_shown(found.output, [failure.symptom for failure in shown])
            earlier = Earlier(folder=found.path.parent, fails=fails)
            judgement.earlier = (*judgement.earlier, earlier)
            failures += shown
    return failures


def _probe(
    judgement: Judgement, evaluation: Evaluation, capabilities: Capabilities, plan: Plan, end: float
) -> None:
    """Find out how a backend sums, and what it answers to the calls that all are asked."""
    ask, dialect, ranks = evaluation.ask, evaluation.dialect, capabilities.ranks
    dtypes = plan.dtypes_of(capabilities)
    judgement.accumulations = accumulations(
        ask, dialect=dialect, dtypes=dtypes, ranks=ranks, deadline=end
    )
    if time.monotonic() < end:
        judgement.answers = shared_answers(ask, dialect=dialect, dtypes=dtypes, ranks=ranks)
