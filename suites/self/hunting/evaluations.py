"""Inquiries into a kernel in this process, and what a hunt for its fault took."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bnparity.backends.call import Ask, in_process
from bnparity.backends.open import Capabilities
from bnparity.cases.dialects import declaration
from bnparity.cases.strategies import space_of
from bnparity.diagnosis.evidence import MOST_EFFORT
from bnparity.results.figures import Totals
from bnparity.results.findings import Finding
from bnparity.sessions.evaluation import Evaluation
from bnparity.sessions.findings import findings_of

PROMISED = Capabilities().outputs
#: How often a hunt that has found nothing goes on with another seed.
MOST_ROUNDS = 40


@dataclass(frozen=True, kw_only=True)
class Hunt:
    """What a hunt for one fault took.

    Parameters
    ----------
    fault, seed
        What was hunted, and from which seed the cases were drawn.
    cases
        How many were drawn up to the first suspicious one, that one included; None if none was.
    seconds
        From the beginning until the first suspicious case had been shrunk; None if none was.
    codes
        What the findings said the kernel does.
    """

    fault: str
    seed: int
    cases: int | None
    seconds: float | None
    codes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain values, which travel between processes."""
        return {**asdict(self), "codes": list(self.codes)}


@dataclass(kw_only=True)
class Watch:
    """Looks at an evaluation after each case, for the first thing that it has to show."""

    evaluation: Evaluation
    started: float
    cases: int | None = None
    seconds: float | None = None

    def look(self) -> None:
        """Note the first suspicious case, and later the time at which it had been shrunk."""
        missing = self.evaluation.totals.missing.total() > 0
        if self.cases is None and (self.evaluation.seen or missing):
            self.cases = self.evaluation.drawn
        # What is missing is told from the count: there is nothing to shrink.
        if self.seconds is None and (self.evaluation.failures or missing):
            self.seconds = time.monotonic() - self.started


def evaluation_of(ask: Ask, *, dialect: str = "torch", **drawn: Any) -> Evaluation:
    """Return an evaluation of a backend by a dialect; `drawn` is what `space_of` takes."""
    declared = declaration(dialect)
    return Evaluation(
        ask=ask,
        dialect=declared.dialect,
        dialect_name=dialect,
        space=space_of(declared, **drawn),
        totals=Totals(),
    )


def evaluated(
    backend: Callable[..., Any], *, seed: int = 1, examples: int = 400, **drawn: Any
) -> Evaluation:
    """Return the state after an evaluation of a plain function of torch's dialect."""
    evaluation = evaluation_of(in_process(backend), **drawn)
    evaluation.run(seed=seed, examples=examples, deadline=math.inf, report=lambda: None)
    return evaluation


def found(backend: Callable[..., Any], **drawn: Any) -> tuple[Finding, ...]:
    """Return what an evaluation of `backend` finds."""
    return findings_of(evaluated(backend, **drawn), PROMISED)


def hunted(
    name: str, ask: Ask, *, seed: int, examples: int, effort: float = MOST_EFFORT, **drawn: Any
) -> tuple[Hunt, tuple[Finding, ...]]:
    """Put `examples` cases to a kernel, and more until one is suspicious.

    Names are looked for with `effort`.

    Returns
    -------
    Hunt, findings
        What it took, and what was found.
    """
    evaluation = evaluation_of(ask, **drawn)
    evaluation.diagnosing_effort = effort
    watch = Watch(evaluation=evaluation, started=time.monotonic())
    for round_ in range(MOST_ROUNDS):
        evaluation.run(
            seed=seed + (round_ << 16),
            examples=evaluation.drawn + examples,
            deadline=math.inf,
            report=watch.look,
        )
        watch.look()
        if watch.cases is not None:
            break
    findings = findings_of(evaluation, PROMISED)
    codes = tuple(sorted({code for finding in findings for code in finding.codes}))
    hunt = Hunt(fault=name, seed=seed, cases=watch.cases, seconds=watch.seconds, codes=codes)
    return hunt, findings
