"""What a backend makes of cases that are made for a rule, and how far off that is.

Each case is asked once, whatever it is asked for: most conditions are met by the same ones.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bnparity.backends import format_of
from bnparity.cases import Case
from bnparity.diagnosis.candidates import Changes, changed
from bnparity.diagnosis.conditions import Condition
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.probes import Put, ordinary, with_recipe
from bnparity.diagnosis.rules import Rule
from bnparity.judging import CaseResult, Check, arithmetic_of

#: How many cases say whether the others are worth a look.
GLANCE = 6


@dataclass(kw_only=True)
class Asking:
    """Asks a backend by ``put``, and judges its answers by ``rejudging``.

    ``like`` are cases that failed: the formats and the number of axes that cases are made in. What
    was asked is remembered, and what was ``made`` by its condition and what momentum means.
    """

    put: Put
    rejudging: Rejudging
    like: Sequence[Case]
    known: dict[Case, CaseResult] = field(default_factory=dict, repr=False)
    made: dict[tuple[Condition, str], list[Case]] = field(default_factory=dict, repr=False)

    def answers(self, cases: Iterable[Case]) -> list[CaseResult]:
        """Return what the backend makes of `cases`."""
        return [self._answer(case) for case in cases]

    def ordinary(self, rule: Rule) -> list[Case]:
        """Return ordinary cases that meet the condition of a rule, as it reads momentum."""
        dialect = changed(self.rejudging.dialect, rule.changes)
        key = rule.where, dialect.momentum
        if key not in self.made:
            self.made[key] = ordinary(rule.where, self.like, dialect)
        return self.made[key]

    def plain(self, rule: Rule, **recipe: int | str) -> list[CaseResult]:
        """Return what the backend makes of ordinary cases that meet the condition of a rule.

        A few of them are asked with the fields of `recipe`, if there are any. Whoever reads
        momentum as the rule says is asked for the batch's statistics alone.
        """
        cases = self.ordinary(rule)
        if recipe:
            cases = [with_recipe(case, recipe) for case in cases[::4]]
        return self.answers(cases)

    def coarser(self, rule: Rule, cases: Iterable[Case]) -> list[CaseResult]:
        """Return answers to those of `cases` that a rule speaks of and makes coarser."""
        there = [c for c in cases if rule.where.holds(c) and self.is_coarser(rule, c)]
        return self.answers(there)

    def is_coarser(self, rule: Rule, case: Case) -> bool:
        """Return whether a rule rounds to fewer bits in a case than is declared."""
        data, declared = format_of(case.dtype), self.rejudging.dialect
        given = arithmetic_of(changed(declared, rule.changes), data)
        return given.unit > arithmetic_of(declared, data).unit

    def accurate(
        self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str]
    ) -> set[str]:
        """Return which of `outputs` are within one tight bound, three times in four."""
        return self.within(plain, changes, outputs, 1.0)

    def within(
        self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str], limit: float
    ) -> set[str]:
        """Return which of `outputs` are within `limit` times that, as often."""
        first = self.checks(plain[:GLANCE], changes, outputs)
        outputs = outputs & {check.output for check in first if check.ratio <= limit}
        checks = self.checks(plain, changes, outputs)
        within = Counter(check.output for check in checks if check.ratio <= limit)
        judged = Counter(check.output for check in checks)
        return {output for output in judged if 4 * within[output] >= 3 * judged[output]}

    def checks(
        self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str]
    ) -> list[Check]:
        """Return what the tight line says of `outputs` under `changes`."""
        found = (self.rejudging.measured(e, o, changes) for e in plain for o in sorted(outputs))
        return [again.check for again in found if again is not None]

    def _answer(self, case: Case) -> CaseResult:
        if case not in self.known:
            self.known[case] = self.put(case)
        return self.known[case]
