"""Conventions of accuracy, borne out by ordinary cases: no name is bought with a wider bound.

Whoever computes in a coarse format spares no ordinary case, and errs as rounding does: now up, now
down, by as much as the format rounds. One pass over the data shows where their mean is large beside
their deviation, and does not where it is small.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from math import log10
from statistics import median

import numpy as np

from bnparity.backends import format_of
from bnparity.cases import Case
from bnparity.diagnosis.asking import GLANCE, Asking
from bnparity.diagnosis.candidates import Changes, changed, without
from bnparity.diagnosis.conditions import narrowing
from bnparity.diagnosis.denying import SMALLEST_SHARE, undenied
from bnparity.diagnosis.evidence import NEARER, Again
from bnparity.diagnosis.rounding import is_erratic
from bnparity.diagnosis.rules import Rule
from bnparity.judging import TIGHT, CaseResult, arithmetic_of

#: How large a share of a variance one pass loses in the cases made to show it.
LOST_IN_ONE_PASS = 1e-2
#: How many conditions are tried in which alone it may be borne out.
MOST_NARROWER = 5


@dataclass(kw_only=True)
class Bearing(Asking):
    """Asks the backend for what bears a rule of accuracy out."""

    def confirmed(
        self, rule: Rule, output: str, inside: Sequence[Case], passing: Sequence[Case]
    ) -> Rule | None:
        """Return a rule with the widest condition in which it is borne out; None if in none is.

        It meets all of the cases `inside`, and not all of those that are `passing`.
        """
        for where in (rule.where, *islice(narrowing(inside, passing), MOST_NARROWER)):
            if self.rejudging.over:
                return None
            there = replace(rule, where=where)
            if self._one_pass(there, output) and self._arithmetic(there, output):
                return there
        return None

    def coarse(self, rule: Rule, outputs: set[str]) -> set[str]:
        """Return which of `outputs` are coarse in ordinary cases, but for what `rule` changes.

        They have to be at each size: who leaves values out at some sizes spares the others.
        """
        for there in _parted(self.plain(rule), lambda case: case.shape):
            outputs = outputs - self.accurate(there, rule.changes, outputs)
        return outputs

    def erratic(self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str]) -> set[str]:
        """Return which of `outputs` are off as rounding is."""
        errors: dict[str, list[float]] = {}
        for check in self.checks(plain, changes, outputs):
            with np.errstate(all="ignore"):
                relative = np.float64(check.got - check.expected) / check.expected
            errors.setdefault(check.output, []).append(float(relative))
        return {o for o, signed in errors.items() if is_erratic(o, np.array(signed))}

    def fits(self, rule: Rule, outputs: set[str]) -> set[str]:
        """Return which of `outputs` are as coarse as `rule` says in ordinary cases, not all less.

        They have to be in each format of data that it makes coarser: none is spared.
        """
        plain = [e for e in self.plain(rule) if self.is_coarser(rule, e.case)]
        for there in _parted(plain, lambda case: case.dtype):
            outputs = self.accurate(there, rule.changes, outputs)
            if not outputs - self.within(there, rule.changes, outputs, SMALLEST_SHARE):
                return set()
        return outputs if plain else set()

    def coarseness(self, rule: Rule) -> float:
        """Return the sum of what a rule rounds by in each format of the failed cases."""
        dialect = changed(self.rejudging.dialect, rule.changes)
        formats = {format_of(case.dtype) for case in self.like}
        return sum(arithmetic_of(dialect, data).unit for data in formats)

    def _arithmetic(self, rule: Rule, output: str) -> bool:
        """Return whether the arithmetic of a rule is borne out, if it speaks of one.

        Formats do not begin at a size, and who leaves values out beyond one errs as rounding does.
        """
        if "arithmetic" not in dict(rule.changes):
            return True
        if rule.where.begins_at_a_size:
            return False
        others = replace(rule, changes=without(rule.changes, "arithmetic"))
        if others.changes and not self._nearer(others, output):
            return False
        coarse = self.coarse(others, {output})
        off = self.erratic(self.plain(rule), others.changes, coarse)
        fitting = self.fits(rule, off) if off else off
        return bool(fitting and undenied(self, rule, fitting))

    def _nearer(self, rule: Rule, output: str) -> bool:
        """Return whether ordinary cases are nearer by what a rule changes in values."""
        plain = self.plain(rule)
        return self._are_nearer(plain[:GLANCE], rule, output) and self._are_nearer(
            plain, rule, output
        )

    def _are_nearer(self, plain: Sequence[CaseResult], rule: Rule, output: str) -> bool:
        far, near = (
            [c.ratio for c in self.checks(plain, changes, {output})]
            for changes in ((), rule.changes)
        )
        return bool(far and near) and NEARER * median(near) <= median(far)

    def _one_pass(self, rule: Rule, output: str) -> bool:
        """Return whether one pass over the data is borne out, if a rule speaks of it."""
        if "variance_algorithm" not in dict(rule.changes):
            return True
        others, wanted = without(rule.changes, "variance_algorithm"), {output}
        candidate = changed(self.rejudging.dialect, others)
        shows = False
        for dtype in dict.fromkeys(case.dtype for case in self.like):
            unit = arithmetic_of(candidate, format_of(dtype)).unit
            large = max(1, round(log10(LOST_IN_ONE_PASS / unit) / 2))
            lost = [e for e in self.plain(rule, conditioning=large) if e.case.dtype == dtype]
            kept = [e for e in self.plain(rule, conditioning=-1) if e.case.dtype == dtype]
            beyond = [c.ratio > TIGHT for c in self.checks(lost, others, wanted)]
            within = [c.ratio <= TIGHT for c in self.checks(kept, others, wanted)]
            fits = (self.rejudging.again(e, output, rule.changes) for e in lost)
            shown = all(2 * sum(found) > len(found) for found in (beyond, within) if found)
            shows = shows or (bool(beyond) and shown and all(_stands(again) for again in fits))
        return shows


def _stands(again: Again | None) -> bool:
    return again is None or again.check.verdict != "fail"


def _parted(
    plain: Sequence[CaseResult], by: Callable[[Case], object]
) -> Iterator[list[CaseResult]]:
    for value in dict.fromkeys(by(e.case) for e in plain):
        yield [e for e in plain if by(e.case) == value]
