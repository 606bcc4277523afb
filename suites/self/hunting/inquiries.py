"""Inquiries into a kernel in this process, and what a hunt for its fault took."""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from bnparity.backends.open import Capabilities
from bnparity.dialects import declaration
from bnparity.examine import Ask, in_process
from bnparity.findings import Finding
from bnparity.inquiry import Inquiry
from bnparity.strategies import cases
from bnparity.tally import Tally

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
    """Looks at an inquiry after each case, for the first thing that it has to show."""

    inquiry: Inquiry
    started: float
    cases: int | None = None
    seconds: float | None = None

    def look(self) -> None:
        """Note the first suspicious case, and later the time at which it had been shrunk."""
        missing = self.inquiry.tally.missing.total() > 0
        if self.cases is None and (self.inquiry.seen or missing):
            self.cases = self.inquiry.drawn
        # What is missing is told from the count: there is nothing to shrink.
        if self.seconds is None and (self.inquiry.suspects or missing):
            self.seconds = time.monotonic() - self.started


def inquiry_of(ask: Ask, **drawn: Any) -> Inquiry:
    """Return an inquiry into a backend of torch's dialect; `drawn` is what `cases` takes."""
    declared = declaration("torch")
    return Inquiry(
        ask=ask,
        dialect=declared.dialect,
        dialect_name="torch",
        strategy=cases(declared, **drawn),
        tally=Tally(),
    )


def inquired(
    backend: Callable[..., Any], *, seed: int = 1, examples: int = 400, **drawn: Any
) -> Inquiry:
    """Return the state after an inquiry into a plain function of torch's dialect."""
    inquiry = inquiry_of(in_process(backend), **drawn)
    inquiry.run(seed=seed, examples=examples, deadline=math.inf, report=lambda: None)
    return inquiry


def found(backend: Callable[..., Any], **drawn: Any) -> tuple[Finding, ...]:
    """Return what an inquiry into `backend` finds."""
    return inquired(backend, **drawn).findings(PROMISED)


def hunted(
    name: str, ask: Ask, *, seed: int, examples: int, **drawn: Any
) -> tuple[Hunt, tuple[Finding, ...]]:
    """Put `examples` cases to a kernel, and more until one is suspicious.

    Returns
    -------
    Hunt, findings
        What it took, and what was found.
    """
    inquiry = inquiry_of(ask, **drawn)
    watch = Watch(inquiry=inquiry, started=time.monotonic())
    for round_ in range(MOST_ROUNDS):
        inquiry.run(
            seed=seed + (round_ << 16),
            examples=inquiry.drawn + examples,
            deadline=math.inf,
            report=watch.look,
        )
        watch.look()
        if watch.cases is not None:
            break
    findings = inquiry.findings(PROMISED)
    codes = tuple(sorted({code for finding in findings for code in finding.codes}))
    hunt = Hunt(fault=name, seed=seed, cases=watch.cases, seconds=watch.seconds, codes=codes)
    return hunt, findings
