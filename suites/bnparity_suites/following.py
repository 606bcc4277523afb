"""What the suites judge by: a backend on cases of one rank, or a single examination."""

import math

from bnparity.backends.names import Name
from bnparity.backends.open import Opened
from bnparity.campaign.drawing import without_local_constants
from bnparity.dialects import declaration
from bnparity.envs import interpreter_of
from bnparity.examine import Examination
from bnparity.hunt import suspicions
from bnparity.inquiry import Inquiry
from bnparity.session import Judgement
from bnparity.strategies import cases


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
    inquiry = Inquiry(
        ask=backend.ask,
        dialect=declared.dialect,
        dialect_name=judgement.dialect,
        strategy=cases(declared, dtypes=capabilities.dtypes[:1], ranks=(rank,)),
        tally=judgement.tally,
    )
    with without_local_constants():
        inquiry.run(seed=rank, examples=examples, deadline=math.inf, report=lambda: None)
    judgement.findings = inquiry.findings(capabilities.outputs)
    return judgement


def assert_follows(examination: Examination) -> None:
    """Raise unless every output lies within the any-order bound.

    Raises
    ------
    AssertionError
        With got, expected, bound and ratio of each output, and the case.
    """
    if not suspicions(examination):
        return
    lines = [str(examination.case)]
    if examination.fault is not None:
        lines.append(f"{examination.fault.kind}: {examination.fault.text}")
    lines += [
        f"{check.verdict}: {check.output}{list(check.index)} is {check.got:.9g}, expected "
        f"{check.expected:.9g}, bound {check.bound:.3g}, ratio {check.ratio:.3g}"
        for check in examination.checks
    ]
    raise AssertionError("\n".join(lines))
