"""The main job: backends judged one after the other, by a plan."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bnparity.backends import (
    DEFAULT_LIMITS,
    Ask,
    Capabilities,
    LayerError,
    Limits,
    Name,
    Opened,
    Remote,
    interpreter_of,
    opened,
)
from bnparity.cases import cases, declaration
from bnparity.diagnosis import measure
from bnparity.judging import (
    Accumulation,
    Api,
    SharedAnswers,
    accumulations,
    measure_drift,
    shared_answers,
    worse_than,
)
from bnparity.porting import Answer, answers
from bnparity.results import Judgement, Totals, of_accumulation, of_drift, of_layer_error
from bnparity.sessions.evaluation import MOST_EVIDENCE, Evaluation
from bnparity.sessions.suitability import dtypes_of, least_values, takes_none_of

#: Examinations of each kind that are kept to measure conventions: rare ones have to be among them.
MEASURING_EVIDENCE = 200


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What a session is asked to do.

    Parameters
    ----------
    seed
        Of everything that is drawn.
    examples
        Cases for each backend; None for as many as fit into `seconds`.
    seconds
        For the whole session, shared evenly among the backends; None for no limit.
    dialect
        Judge by this one instead of what each backend declares.
    dtypes
        Formats of the data; None for float32, or what a backend declares if it has no float32.
    limits
        What a backend may take before it is stopped.
    in_process
        Call backends in this process: faster, and without protection against them.
    measuring
        Keep enough evidence to measure every convention, rare ones too.
    """

    seed: int
    examples: int | None = None
    seconds: float | None = None
    dialect: str | None = None
    dtypes: tuple[str, ...] | None = None
    limits: Limits = DEFAULT_LIMITS
    in_process: bool = False
    measuring: bool = False


#: How long grades and conventions may take, in seconds and as a share of a backend's time: kept
#: back for them.
GRADING_SECONDS, GRADING_SHARE = 4.0, 0.3

#: How long claims may take where time is short: Graph mode compiles a layer for most of them.
CLAIMS_SECONDS, CLAIMS_SHARE = 3.0, 0.5

#: The APIs whose layers can be driven, by the dialect they follow.
_APIS: Mapping[str, Api] = {"torch": "torch", "mindspore": "mindspore"}

#: Told after each case: whose, and how much of the backend's share is done, from 0 to 1.
Progress = Callable[[Judgement, float], None]


def judge_backends(names: Sequence[Name], plan: Plan, progress: Progress) -> Iterator[Judgement]:
    """Judge each backend in turn by `plan`; an unavailable one is a judgement too."""
    seconds = math.inf if plan.seconds is None else plan.seconds
    end = time.monotonic() + seconds
    for place, name in enumerate(names):
        left = len(names) - place
        judgement = judge_backend(name, plan, progress, (end - time.monotonic()) / left)
        end += judgement.preparing  # once in a machine's life: not the others' time
        yield judgement


def judge_backend(name: Name, plan: Plan, progress: Progress, seconds: float) -> Judgement:
    """Judge one backend for at most `seconds`, those not counted in which it gets ready."""
    start = time.monotonic()
    judgement = Judgement(name=name.text, interpreter=interpreter_of(name.base))
    with opened(name, limits=plan.limits, in_process=plan.in_process) as backend:
        judgement.reason, judgement.version = backend.reason, backend.version
        judgement.device = backend.device
        opened_at = time.monotonic()
        for dtype in dtypes_of(plan.dtypes, backend.capabilities) if backend.ask else ():
            backend.prepare(dtype)
        judgement.preparing = time.monotonic() - opened_at
        if backend.remote is not None:
            judgement.claims = _claims(backend.remote, backend.capabilities.dialect, seconds)
        if backend.ask is not None:
            end = start + judgement.preparing + seconds
            _evaluate(judgement, backend.ask, backend.capabilities, plan, progress, end)
            _follow(judgement, backend)
    judgement.seconds = time.monotonic() - start
    return judgement


def _claims(remote: Remote, dialect: str, seconds: float) -> tuple[Answer, ...]:
    """Return what is measured of the claims about an API's layers; none where there is no page."""
    if dialect not in _APIS:
        return ()
    most = math.inf if math.isinf(seconds) else min(CLAIMS_SECONDS, CLAIMS_SHARE * seconds)
    return answers(remote, _APIS[dialect], deadline=time.monotonic() + most)


def _follow(judgement: Judgement, backend: Opened) -> None:
    """Measure the drift of the layers behind a backend, if it has any and is still there."""
    gone = {finding.kind for finding in judgement.findings} & {"crash", "hang"}
    api = _APIS.get(backend.capabilities.dialect)
    if backend.remote is None or api is None or gone or judgement.reason:
        return
    try:
        judgement.drift = measure_drift(backend.remote, api)
    except LayerError as refused:
        judgement.findings = (*judgement.findings, of_layer_error(refused))
        return
    if judgement.drift.beyond:
        judgement.findings = (*judgement.findings, of_drift(judgement.drift))


def _evaluate(
    judgement: Judgement,
    ask: Ask,
    capabilities: Capabilities,
    plan: Plan,
    progress: Progress,
    end: float,
) -> None:
    dtypes = dtypes_of(plan.dtypes, capabilities)
    if not dtypes:
        judgement.reason = takes_none_of(plan.dtypes)
        return
    judgement.dialect = plan.dialect or capabilities.dialect
    evaluation = evaluation_of(ask, capabilities, dtypes, judgement.dialect)
    evaluation.totals = judgement.totals
    evaluation.most_evidence = MEASURING_EVIDENCE if plan.measuring else MOST_EVIDENCE
    begin = time.monotonic()
    drawn_until = end - min(GRADING_SECONDS, GRADING_SHARE * (end - begin))

    def report() -> None:
        by_time = (time.monotonic() - begin) / (end - begin) if end > begin else 1.0
        by_count = evaluation.drawn / plan.examples if plan.examples else 0.0
        progress(judgement, min(max(by_time, by_count), 1.0))

    evaluation.run(seed=plan.seed, examples=plan.examples, deadline=drawn_until, report=report)
    judgement.accumulations = _graded(evaluation, dtypes, capabilities.ranks, end)
    judgement.answers = _compared(evaluation, dtypes, capabilities.ranks, end)
    worse = worse_than(capabilities.accumulation, judgement.accumulations)
    broken = (of_accumulation(capabilities.accumulation, worse),) if worse else ()
    judgement.findings = (*evaluation.findings(capabilities.outputs), *broken)
    judgement.conventions = measure(
        evaluation.evidence, evaluation.dialect, evaluation.diagnoses, deadline=end
    )


def _graded(
    evaluation: Evaluation, dtypes: Sequence[str], ranks: Sequence[int], end: float
) -> dict[str, Accumulation]:
    """Return how the backend sums."""
    if _gone(evaluation):
        return {}
    return accumulations(
        evaluation.ask, dialect=evaluation.dialect, dtypes=dtypes, ranks=ranks, deadline=end
    )


def _compared(
    evaluation: Evaluation, dtypes: Sequence[str], ranks: Sequence[int], end: float
) -> SharedAnswers:
    """Return what the backend answers to the calls that all are asked, if there is time."""
    if _gone(evaluation) or time.monotonic() >= end:
        return {}
    return shared_answers(evaluation.ask, dialect=evaluation.dialect, dtypes=dtypes, ranks=ranks)


def _gone(evaluation: Evaluation) -> bool:
    """Return whether the backend crashed or hung: nothing more is asked of it then."""
    faults = [failure.case_result.fault for failure in evaluation.failures.values()]
    return any(fault and fault.kind in ("crash", "hang") for fault in faults)


def evaluation_of(
    ask: Ask, capabilities: Capabilities, dtypes: Sequence[str], dialect_name: str
) -> Evaluation:
    """Return an evaluation into a backend, in which nothing has been drawn yet."""
    declared = declaration(dialect_name)
    return Evaluation(
        ask=ask,
        dialect=declared.dialect,
        dialect_name=dialect_name,
        strategy=cases(
            declared,
            dtypes=dtypes,
            ranks=capabilities.ranks,
            min_values=least_values(capabilities),
        ),
        totals=Totals(),
    )
