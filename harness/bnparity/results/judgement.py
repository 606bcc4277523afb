"""What a session has learnt of one backend."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from bnparity.diagnosis import Measured
from bnparity.judging import Accumulation, Drift, SharedAnswers
from bnparity.results.figures import Loosest, Totals
from bnparity.results.findings import Finding

if TYPE_CHECKING:
    from bnparity.porting import Answer  # takes long to import, and few backends have claims

#: What is said of a backend at the end.
Status: TypeAlias = Literal["pass", "loose", "fail", "untrusted", "unavailable"]


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """A failure of an earlier session that was asked again: kept in `folder`, if anywhere."""

    folder: Path | None
    fails: bool


@dataclass(kw_only=True)
class Judgement:
    """What a session has learnt of one backend.

    ``stopped`` says why it was asked no more, ``not_asked`` of what is asked of others only why
    this one is not, and ``again`` how often something came instead of an answer that did not come
    when it was asked again. Of its ``seconds`` compilers took ``compile_seconds``, if they say so.
    ``taken_for`` says what its target was taken for, where an adapter
    made it a backend.
    """

    name: str
    interpreter: str
    version: str = ""
    device: str = ""
    software: str = ""
    dialect: str = ""
    taken_for: str = ""
    reason: str = ""
    seconds: float = 0.0
    compile_seconds: float = 0.0
    stopped: str = ""
    not_asked: dict[str, str] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    totals: Totals = field(default_factory=Totals)
    findings: tuple[Finding, ...] = ()
    earlier: tuple[Earlier, ...] = ()
    conventions: tuple[Measured, ...] = ()
    accumulations: dict[str, Accumulation] = field(default_factory=dict)
    claims: "tuple[Answer, ...]" = ()
    drift: Drift | None = None
    answers: SharedAnswers = field(default_factory=dict)

    @property
    def adapted(self) -> bool:
        """Whether an adapter made it a backend; a function is called as it is."""
        return bool(self.taken_for) and not self.taken_for.startswith("a function that takes")

    @property
    def loosest(self) -> Loosest | None:
        """The worst loose case of a backend that is loose, None of any other."""
        kept = self.totals.loosest.values() if self.status == "loose" else ()
        return max(kept, key=lambda found: found.check.ratio, default=None)

    @property
    def status(self) -> Status:
        """The worst that is known of it; ``unavailable`` where it could not be asked."""
        kinds = {finding.kind for finding in self.findings}
        if self.reason:
            return "unavailable"
        if kinds - {"vacuous"}:
            return "fail"
        if kinds or not self.totals.checks:
            return "untrusted"
        loose = any(figures.verdicts["loose"] for figures in self.totals.outputs.values())
        return "loose" if loose else "pass"
