"""What the suites judge by: a backend on cases of one rank, or a single case result."""

import math

from bnparity.backends import Name, Opened, interpreter_of
from bnparity.cases import cases, declaration
from bnparity.judging import CaseResult, symptoms
from bnparity.results import Judgement
from bnparity.sessions import Evaluation, without_local_constants


def judgement_of(name: Name, backend: Opened, rank: int, examples: int) -> Judgement:
    """Return what `examples` cases of one rank, drawn from its whole space, tell of a backend.

    They are the same in every run, whatever else is loaded. The data are in the first format that
    the backend declares.
    """
    assert backend.ask is not None
    capabilities = backend.capabilities
    declared = declaration(capabilities.dialect)
    judgement = Judgement(
        name=name.text,
        interpreter=interpreter_of(name.base),
        version=backend.version,
        device=backend.device,
        dialect=capabilities.dialect,
    )
    evaluation = Evaluation(
        ask=backend.ask,
        dialect=declared.dialect,
        dialect_name=judgement.dialect,
        strategy=cases(
            declared,
            dtypes=capabilities.dtypes[:1],
            ranks=(rank,),
            momentum_none=capabilities.momentum_none,
        ),
        totals=judgement.totals,
    )
    with without_local_constants():
        evaluation.run(seed=rank, examples=examples, deadline=math.inf, report=lambda: None)
    judgement.findings = evaluation.findings(capabilities.outputs)
    return judgement


def assert_follows(case_result: CaseResult) -> None:
    """Raise unless every output lies within the any-order bound.

    Raises
    ------
    AssertionError
        With got, expected, bound and ratio of each output, and the case.
    """
    if not symptoms(case_result):
        return
    lines = [str(case_result.case)]
    if case_result.fault is not None:
        lines.append(f"{case_result.fault.kind}: {case_result.fault.text}")
    lines += [
        f"{check.verdict}: {check.output}{list(check.index)} is {check.got:.9g}, expected "
        f"{check.expected:.9g}, bound {check.bound:.3g}, ratio {check.ratio:.3g}"
        for check in case_result.checks
    ]
    raise AssertionError("\n".join(lines))
