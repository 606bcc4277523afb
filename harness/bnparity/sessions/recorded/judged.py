"""Recorded calls judged: the same oracle, bounds and diagnosis as of a backend that is asked."""

import time
from collections.abc import Iterable
from dataclasses import replace

from bnparity.backends import OUTPUT_LIKE, Fault, Reply, checked
from bnparity.cases import Case, Recipe, Space, declaration
from bnparity.judging import CaseResult, Failure, expected, judge, unanswered
from bnparity.results import Finding, Judgement, Totals, could_not_fail
from bnparity.sessions.evaluation import Evaluation
from bnparity.sessions.findings import deviations_of
from bnparity.sessions.recorded.calls import RecordedCall

#: How a check can be made to count, of calls that were recorded.
_RECORD_MORE = "record calls in which they would"


def judge_recorded(name: str, calls: Iterable[RecordedCall], dialect: str) -> Judgement:
    """Return what `calls` tell of whoever made them; all of it is called `name`.

    What was not recorded is not judged, and is no finding.
    """
    start = time.monotonic()
    evaluation, names = _evaluation(dialect), list[str]()
    for call in calls:
        names.append(call.name)
        if call.reason:
            evaluation.totals.unsupported[call.reason] += 1
            continue
        # By its number a call is known again; nothing else is made from the seed.
        numbered = replace(call.case, recipe=Recipe(seed=len(names) - 1))
        if "running_mean" not in call.outputs and "running_var" not in call.outputs:
            numbered = replace(numbered, momentum=declaration(dialect).default_momentum)
        result = _result(call, numbered, evaluation)
        for failure in evaluation.take(result):
            _keep_smallest(failure, evaluation.failures)
    judgement = Judgement(name=name, interpreter="", device="", dialect=dialect)
    judgement.totals = evaluation.totals
    judgement.findings = tuple(_told(found, names) for found in _findings(evaluation))
    judgement.totals.loosest.clear()  # a case without a recipe cannot be put to anybody again
    judgement.seconds = time.monotonic() - start
    return judgement


def _evaluation(dialect: str) -> Evaluation:
    """Return an evaluation of nobody: it is only given results."""
    nobody = Reply(outputs={}, fault=Fault(kind="unsupported", text="a recording is not asked"))
    return Evaluation(
        ask=lambda *_: nobody,
        dialect=declaration(dialect).dialect,
        dialect_name=dialect,
        space=Space(menus=(), made=Case, fits=lambda _: False),
        totals=Totals(),
        stopped=lambda: True,
    )


def _result(call: RecordedCall, case: Case, evaluation: Evaluation) -> CaseResult:
    reply = checked(call.outputs, vars(call.inputs))
    exact = expected(case, call.inputs, evaluation.dialect)
    return CaseResult(
        case=case,
        inputs=call.inputs,
        outputs=reply.outputs,
        checks=judge(reply.outputs, exact, dialect=evaluation.dialect, dtype=case.dtype),
        fault=reply.fault,
        asked=tuple(reply.outputs),
    )


def _keep_smallest(failure: Failure, failures: dict[str, Failure]) -> None:
    known = failures.get(failure.symptom)
    size = failure.case_result.inputs.x.size
    if known is None or size < known.case_result.inputs.x.size:
        failures[failure.symptom] = failure


def _findings(evaluation: Evaluation) -> list[Finding]:
    faults, failures = deviations_of(evaluation)
    judged = {name: of.verdicts.total() for name, of in evaluation.totals.outputs.items()}
    promised = [name for name in OUTPUT_LIKE if name in judged]
    never = {} if faults else unanswered(evaluation.answers, promised)
    return [*faults, *failures, *could_not_fail(never, judged, _RECORD_MORE)]


def _told(found: Finding, names: list[str]) -> Finding:
    """Return a finding that names its call instead of a case: nobody can be asked it again."""
    name = "" if found.case is None else names[found.case.recipe.seed]
    text = f"{found.text}; it is the call {name}" if name else found.text
    return replace(found, text=text, case=None, worst=None, case_result=None)
