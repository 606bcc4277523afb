"""What a diagnosis is made of: changes, where they hold, and the failures they account for."""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Protocol

from bnparity.cases import Case
from bnparity.diagnosis.candidates import OF_ACCURACY, Changes
from bnparity.diagnosis.conditions import EVERYWHERE, Condition, is_extreme
from bnparity.diagnosis.evidence import Rejudging
from bnparity.judging import CaseResult


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Changes of the dialect, and where they hold."""

    changes: Changes
    where: Condition = EVERYWHERE

    @property
    def of_accuracy(self) -> bool:
        """Whether a convention of accuracy is part of it."""
        return bool(dict(self.changes).keys() & OF_ACCURACY)


@dataclass(frozen=True, kw_only=True)
class Told:
    """A rule, and the failures that it accounts for."""

    rule: Rule
    failures: tuple[CaseResult, ...]


@dataclass(frozen=True, kw_only=True)
class Lists:
    """The rules of each output, and the failures of it that none accounts for."""

    told: dict[str, list[Told]] = field(default_factory=dict)
    left: dict[str, list[CaseResult]] = field(default_factory=dict)

    def rules(self) -> list[Rule]:
        """Return the rules of all outputs, each once."""
        return list(dict.fromkeys(part.rule for told in self.told.values() for part in told))

    def failures(self, output: str) -> list[CaseResult]:
        """Return all failures of an output."""
        return [*self.left[output], *(e for part in self.told[output] for e in part.failures)]

    def failures_of(self, rule: Rule) -> list[CaseResult]:
        """Return what a rule accounts for in all outputs."""
        parts = (part for told in self.told.values() for part in told if part.rule == rule)
        return list({id(e): e for part in parts for e in part.failures}.values())

    def of(self, rules: AbstractSet[Rule]) -> "Lists":
        """Return the lists with no other rules than these; what others account for is left."""
        told = {o: [part for part in parts if part.rule in rules] for o, parts in self.told.items()}
        left = {
            o: [*self.left[o], *(e for p in parts if p.rule not in rules for e in p.failures)]
            for o, parts in self.told.items()
        }
        return Lists(told=told, left=left)


class Bearing(Protocol):
    """Asks the backend whether it bears out a rule of accuracy."""

    def confirmed(
        self, rule: Rule, output: str, inside: Sequence[Case], passing: Sequence[Case]
    ) -> Rule | None:
        """Return the rule with the widest condition in which it is borne out, if there is one."""


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What there is to explain: one output of all the evidence, the smallest first.

    ``before`` are rules of a search in less evidence: what still holds need not be found again.
    """

    output: str
    evidence: Sequence[CaseResult]
    rejudging: Rejudging
    bearing: Bearing | None
    before: Sequence[Rule] = ()

    def failures(self) -> list[CaseResult]:
        """Return the case results in which the output failed, ordinary data first."""
        failed = [e for e in self.evidence if self.output in e.failed]
        return sorted(failed, key=lambda e: is_extreme(e.case))

    def judged(self) -> Iterator[CaseResult]:
        """Yield the case results that have a check of the output."""
        return (e for e in self.evidence if any(c.output == self.output for c in e.checks))
