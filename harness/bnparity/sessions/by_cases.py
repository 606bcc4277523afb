"""A backend that is open already, judged by cases alone: no grades of sums, claims or drift."""

import math
import time
from collections.abc import Sequence
from dataclasses import replace

from bnparity.backends import Name, Opened
from bnparity.results import Judgement, not_taken
from bnparity.sessions.ending import ending
from bnparity.sessions.evaluation import evaluation_of
from bnparity.sessions.findings import findings_of
from bnparity.sessions.plan import Plan, unjudged


def judge_by_cases(
    name: Name, backend: Opened, plan: Plan, *, ranks: Sequence[int] | None = None
) -> Judgement:
    """Return what the cases of `plan` tell of a backend: of these `ranks` alone, if any are named.

    The data are in all formats that the backend declares, unless the plan says otherwise.
    """
    assert backend.ask is not None
    start = time.monotonic()
    capabilities = backend.capabilities
    if ranks is not None:
        capabilities = replace(capabilities, ranks=tuple(ranks))
    judgement = unjudged(name)
    judgement.version, judgement.device = backend.version, backend.device
    judgement.dialect, judgement.taken_for = plan.dialect_of(capabilities), capabilities.taken_for
    wanted, taken = plan.dtypes or (), plan.dtypes_of(capabilities)
    for dtype in taken:
        backend.prepare(dtype)
    if taken:
        deadline = math.inf if plan.seconds is None else time.monotonic() + plan.seconds
        evaluation = evaluation_of(ending(backend, backend.ask, deadline), capabilities, plan)
        evaluation.totals = judgement.totals
        evaluation.run(
            seed=plan.seed, examples=plan.examples, deadline=deadline, report=lambda: None
        )
        judgement.findings = findings_of(evaluation, capabilities.outputs)
    if left_out := [dtype for dtype in wanted if dtype not in taken]:
        judgement.findings += (not_taken(left_out, capabilities.dtypes),)
    judgement.seconds = time.monotonic() - start
    return judgement
