"""Conventions of accuracy, borne out by ordinary cases: no name is bought with a wider bound.

Whoever computes in a coarse format spares no ordinary case, and errs as rounding does: now up, now
down, by as much as the format rounds. One pass over the data shows where their mean is large beside
their deviation, and does not where it is small.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import log10
from statistics import median
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from bnparity_reference import OUTPUTS

from bnparity.backends import Format, format_of
from bnparity.cases import Case
from bnparity.diagnosis.candidates import Changes, arithmetics, changed
from bnparity.diagnosis.conditions import Condition, narrowing
from bnparity.diagnosis.evidence import NEARER, Again, Rejudging
from bnparity.diagnosis.probes import Put, of_many_values, of_one_value, ordinary, with_recipe
from bnparity.diagnosis.rounding import exact_everywhere, is_erratic, reaches
from bnparity.diagnosis.rules import Rule
from bnparity.judging import TIGHT, CaseResult, Check, arithmetic_of

#: How large a share of a variance one pass loses in the cases made to show it.
LOST_IN_ONE_PASS = 1e-2
#: How many ordinary cases say whether the others are worth a look.
GLANCE = 6
#: How many conditions are tried in which alone it may be borne out.
MOST_NARROWER = 5
#: Data and results that float16 has no numbers for.
FAR: Mapping[str, int | str] = MappingProxyType(
    {"scale": 6, "special": "huge", "special_in": "weight"}
)
#: How small errors may be, as a share of the bound, of a format that makes them.
SMALLEST_SHARE = 1 / 64

#: How many times as small errors are that average out, of the many values that are asked.
AVERAGED_OUT = 32

#: A condition, what momentum means, and fields of the recipe.
Asked: TypeAlias = tuple[Condition, str, tuple[tuple[str, Any], ...]]


@dataclass(kw_only=True)
class Bearing:
    """Asks the backend, by ``put``, for what bears a rule of accuracy out.

    ``like`` are cases that failed: the formats and the number of axes that cases are made in. What
    was asked is remembered by its condition, by what momentum means, and by what the
    recipe of its data has; of many values by the former two.
    """

    put: Put
    rejudging: Rejudging
    like: Sequence[Case]
    asked: dict[Asked, list[CaseResult]] = field(default_factory=dict)
    of_many: dict[tuple[Condition, str], list[CaseResult]] = field(default_factory=dict)

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

    def plain(self, rule: Rule, **recipe: int | str) -> list[CaseResult]:
        """Return what the backend makes of ordinary cases that meet the condition of a rule.

        A few of them are asked with the fields of `recipe`, if there are any. Whoever reads
        momentum as the rule says is asked for the batch's statistics alone.
        """
        dialect = changed(self.rejudging.dialect, rule.changes)
        key = rule.where, dialect.momentum, tuple(recipe.items())
        if key not in self.asked:
            cases = ordinary(rule.where, self.like, dialect)
            if recipe:
                cases = [with_recipe(case, recipe) for case in cases[::4]]
            self.asked[key] = [self.put(case) for case in cases]
        return self.asked[key]

    def coarse(self, rule: Rule, outputs: set[str]) -> set[str]:
        """Return which of `outputs` are coarse in ordinary cases, but for what `rule` changes.

        They have to be at each size: who leaves values out at some sizes spares the others.
        """
        for there in _parted(self.plain(rule), lambda case: case.shape):
            outputs = outputs - self.accurate(there, rule.changes, outputs)
        return outputs

    def accurate(
        self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str]
    ) -> set[str]:
        """Return which of `outputs` are within one tight bound, three times in four."""
        return self._within(plain, changes, outputs, 1.0)

    def _within(
        self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str], limit: float
    ) -> set[str]:
        first = self._checks(plain[:GLANCE], changes, outputs)
        outputs = outputs & {check.output for check in first if check.ratio <= limit}
        checks = self._checks(plain, changes, outputs)
        within = Counter(check.output for check in checks if check.ratio <= limit)
        judged = Counter(check.output for check in checks)
        return {output for output in judged if 4 * within[output] >= 3 * judged[output]}

    def erratic(self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str]) -> set[str]:
        """Return which of `outputs` are off as rounding is."""
        errors: dict[str, list[float]] = {}
        for check in self._checks(plain, changes, outputs):
            with np.errstate(all="ignore"):
                relative = np.float64(check.got - check.expected) / check.expected
            errors.setdefault(check.output, []).append(float(relative))
        return {o for o, signed in errors.items() if is_erratic(o, np.array(signed))}

    def fits(self, rule: Rule, outputs: set[str]) -> set[str]:
        """Return which of `outputs` are as coarse as `rule` says, and not all less.

        They have to be in each format of data that it makes coarser: none is spared.
        """
        plain = [e for e in self.plain(rule) if self._is_coarser(rule, e.case)]
        for there in _parted(plain, lambda case: case.dtype):
            outputs = self.accurate(there, rule.changes, outputs)
            if not outputs - self._within(there, rule.changes, outputs, SMALLEST_SHARE):
                return set()
        if not plain or self._outranged(rule, outputs) or self._spares_many(rule, outputs):
            return set()
        return outputs - self._off_where_exact(rule, outputs)

    def _off_where_exact(self, rule: Rule, outputs: set[str]) -> set[str]:
        """Return which of `outputs` are coarse where every number has few bits.

        No format rounds any of them: who approximates a root does.
        """
        dialect = changed(self.rejudging.dialect, rule.changes)
        key = rule.where, dialect.momentum, (("values", "exact"),)
        if key not in self.asked:
            cases = exact_everywhere(ordinary(rule.where, self.like, dialect))
            self.asked[key] = [self.put(case) for case in cases if rule.where.holds(case)]
        exact = [e for e in self.asked[key] if self._is_coarser(rule, e.case)]
        others = _without(rule.changes, "arithmetic")
        judged = {check.output for check in self._checks(exact, others, outputs - {"running_var"})}
        return judged - self.accurate(exact, others, judged)

    def coarseness(self, rule: Rule) -> float:
        """Return the sum of what a rule rounds by in each format of the failed cases."""
        dialect = changed(self.rejudging.dialect, rule.changes)
        formats = {format_of(case.dtype) for case in self.like}
        return sum(arithmetic_of(dialect, data).unit for data in formats)

    def _is_coarser(self, rule: Rule, case: Case) -> bool:
        data = format_of(case.dtype)
        promised = arithmetic_of(self.rejudging.dialect, data)
        return (
            arithmetic_of(changed(self.rejudging.dialect, rule.changes), data).unit > promised.unit
        )

    def _outranged(self, rule: Rule, outputs: set[str]) -> bool:
        """Return whether a rule's format is too fine and too narrow at once for the cause.

        Another has room for what goes on beyond its range as before, and errors are too large for
        its own.
        """
        given = self._format(rule)
        for value in arithmetics(self.rejudging.dialect, self.like):
            other = replace(rule, changes=_with_arithmetic(rule.changes, value))
            form = self._format(other)
            if form.unit > given.unit and form.largest > given.largest:
                half = given.unit / form.unit / 2
                small = self._within(self.plain(rule), other.changes, outputs, half)
                large = bool(outputs - small) or self._large_alone(rule, other, outputs)
                return large and self._goes_on(other, given)
        return False

    def _spares_many(self, rule: Rule, outputs: set[str]) -> bool:
        """Return whether of many values hardly an error is left.

        Rounding averages out by the root of how many there are, at most. Faster goes what is off by
        a count.
        """
        dialect = changed(self.rejudging.dialect, rule.changes)
        key = rule.where, dialect.momentum
        if key not in self.of_many:
            few = ordinary(rule.where, self.like, dialect)[::8]
            cases = filter(rule.where.holds, map(of_many_values, few))
            self.of_many[key] = [self.put(case) for case in cases]
        many = [e for e in self.of_many[key] if self._is_coarser(rule, e.case)]
        least = SMALLEST_SHARE / AVERAGED_OUT
        return bool(many) and self._within(many, rule.changes, outputs, least) == outputs

    def _large_alone(self, rule: Rule, other: Rule, outputs: set[str]) -> bool:
        """Return whether errors are too large for a rule, and not for the other, of single values.

        In a sum they average out, and one coarse rounding may pass for several finer ones. Of one
        value these take less than half of their format's bound.
        """
        cases = map(of_one_value, ordinary(rule.where, self.like, self.rejudging.dialect))
        alone = [self.put(case) for case in cases if rule.where.holds(case)]
        checks = self._checks(alone, rule.changes, outputs)
        too_large = {check.output for check in checks if check.ratio > 1 / 2}
        return bool(too_large) and self.accurate(alone, other.changes, too_large) == too_large

    def _format(self, rule: Rule) -> Format:
        dialect = changed(self.rejudging.dialect, rule.changes)
        return arithmetic_of(dialect, format_of("float32"))

    def _goes_on(self, rule: Rule, given: Format) -> bool:
        """Return whether all outputs are as a rule says where `given` has no numbers."""
        far = [e for e in self.plain(rule, **FAR) if reaches(e.case, given)]
        judged = {check.output for check in self._checks(far, rule.changes, set(OUTPUTS))}
        return bool(judged) and self.accurate(far, rule.changes, judged) == judged

    def _checks(
        self, plain: Sequence[CaseResult], changes: Changes, outputs: set[str]
    ) -> list[Check]:
        found = (self.rejudging.measured(e, o, changes) for e in plain for o in sorted(outputs))
        return [again.check for again in found if again is not None]

    def _arithmetic(self, rule: Rule, output: str) -> bool:
        """Return whether the arithmetic of a rule is borne out, if it speaks of one.

        Formats do not begin at a size, and who leaves values out beyond one errs as rounding does.
        """
        if "arithmetic" not in dict(rule.changes):
            return True
        if rule.where.begins_at_a_size:
            return False
        others = replace(rule, changes=_without(rule.changes, "arithmetic"))
        if others.changes and not self._nearer(others, output):
            return False
        coarse = self.coarse(others, {output})
        off = self.erratic(self.plain(rule), others.changes, coarse)
        return bool(off and self.fits(rule, off))

    def _nearer(self, rule: Rule, output: str) -> bool:
        """Return whether ordinary cases are nearer by what a rule changes in values."""
        plain = self.plain(rule)
        return self._are_nearer(plain[:GLANCE], rule, output) and self._are_nearer(
            plain, rule, output
        )

    def _are_nearer(self, plain: Sequence[CaseResult], rule: Rule, output: str) -> bool:
        far, near = (
            [c.ratio for c in self._checks(plain, changes, {output})]
            for changes in ((), rule.changes)
        )
        return bool(far and near) and NEARER * median(near) <= median(far)

    def _one_pass(self, rule: Rule, output: str) -> bool:
        """Return whether one pass over the data is borne out, if a rule speaks of it."""
        if "variance_algorithm" not in dict(rule.changes):
            return True
        others, wanted = _without(rule.changes, "variance_algorithm"), {output}
        candidate = changed(self.rejudging.dialect, others)
        shows = False
        for dtype in dict.fromkeys(case.dtype for case in self.like):
            unit = arithmetic_of(candidate, format_of(dtype)).unit
            large = max(1, round(log10(LOST_IN_ONE_PASS / unit) / 2))
            lost = [e for e in self.plain(rule, conditioning=large) if e.case.dtype == dtype]
            kept = [e for e in self.plain(rule, conditioning=-1) if e.case.dtype == dtype]
            beyond = [c.ratio > TIGHT for c in self._checks(lost, others, wanted)]
            within = [c.ratio <= TIGHT for c in self._checks(kept, others, wanted)]
            fits = (self.rejudging.again(e, output, rule.changes) for e in lost)
            shown = all(2 * sum(found) > len(found) for found in (beyond, within) if found)
            shows = shows or (bool(beyond) and shown and all(_stands(again) for again in fits))
        return shows


def _parted(
    plain: Sequence[CaseResult], by: Callable[[Case], object]
) -> Iterator[list[CaseResult]]:
    for value in dict.fromkeys(by(e.case) for e in plain):
        yield [e for e in plain if by(e.case) == value]


def _stands(again: Again | None) -> bool:
    return again is None or again.check.verdict != "fail"


def _with_arithmetic(changes: Changes, value: str) -> Changes:
    return (*_without(changes, "arithmetic"), ("arithmetic", value))


def _without(changes: Changes, field_: str) -> Changes:
    return tuple(change for change in changes if change[0] != field_)
