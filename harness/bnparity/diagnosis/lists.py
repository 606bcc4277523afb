"""A decision list for one output: what is done instead, and where, until the failures are told.

The smallest failure is explained first. Of all the changes that would, the ones that explain most
of the other failures are taken, where a condition parts these from whatever contradicts them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Protocol

from bnparity.cases import Case
from bnparity.diagnosis.candidates import OF_ACCURACY, Changes, singles
from bnparity.diagnosis.combinations import explanations
from bnparity.diagnosis.conditions import EVERYWHERE, Condition, is_extreme, parting
from bnparity.diagnosis.evidence import Outcome, Rejudging
from bnparity.judging import CaseResult

#: How many failures of an output are looked at one by one.
MOST_SEEDS = 3
#: How many failures say whether changes are worth a look at all the evidence.
GLANCE, LEAST_GLANCE = 8, 2
#: The share of failures that is most of them.
MOST_OF = 0.75
#: How many failures changes have to explain that do not hold everywhere.
LEAST_SUPPORT = 3
#: The share of all failures that these are, at least.
LEAST_SHARE = 0.25
#: The share of what changes explain that a condition may not leave out: else it is not the cause.
LEAST_KEPT = 0.6


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
    """What there is to explain: one output of all the evidence, the smallest first."""

    output: str
    evidence: Sequence[CaseResult]
    rejudging: Rejudging
    bearing: Bearing | None

    def failures(self) -> list[CaseResult]:
        """Return the case results in which the output failed, ordinary data first."""
        failed = [e for e in self.evidence if self.output in e.failed]
        return sorted(failed, key=lambda e: is_extreme(e.case))


def decision_list(
    matter: Matter, lenses: Sequence[Changes], known: Sequence[Rule], most_changes: int
) -> tuple[list[Told], list[CaseResult]]:
    """Return the rules of an output, and the failures that none accounts for.

    `known` rules, of other outputs, are preferred to others that explain no more.
    """
    failures = matter.failures()
    left, told, unexplained = list(failures), list[Told](), list[CaseResult]()
    while left and len(unexplained) < MOST_SEEDS and not matter.rejudging.over:
        if told and len(left) <= (1 - MOST_OF) * len(failures):
            lenses, most_changes = lenses[:1], 1  # a rest is not worth the time
        best = _best(matter, left, lenses, known, most_changes, _more(matter, told))
        if best is None:
            unexplained.append(left.pop(0))
            continue
        told.append(best)
        accounted = set(map(id, best.failures))
        left = [e for e in left if id(e) not in accounted]
        unexplained = [e for e in unexplained if not _accounts(matter, best.rule, e)]
    return told, [*unexplained, *left]


def _accounts(matter: Matter, rule: Rule, failure: CaseResult) -> bool:
    outcome = matter.rejudging.outcome(failure, matter.output, rule.changes)
    return outcome != "contradicted" and rule.where.holds(failure.case)


def _more(matter: Matter, told: Sequence[Told]) -> Iterator[Changes]:
    """Yield the changes of each rule with one more: what is done besides, in some condition."""
    changes = singles(matter.evidence, matter.rejudging.dialect, matter.output)
    for part in told:
        known = part.rule.changes
        yield from ((*known, change) for change in changes if change[0] not in dict(known))


def _best(
    matter: Matter,
    left: Sequence[CaseResult],
    lenses: Sequence[Changes],
    known: Sequence[Rule],
    most_changes: int,
    besides: Iterator[Changes],
) -> Told | None:
    """Return the rule that accounts for most of `left`, of as few changes as account for all.

    What accounts for most is looked for among rules of one change more, and no further.
    """
    best, enough = None, False
    for found in _in_turn(matter, left, lenses, known, most_changes, besides):
        for told in found:
            if best is None or len(told.failures) > len(best.failures):
                best = next(_confirmed(matter, told), best)
        accounted = 0 if best is None else len(best.failures)
        if accounted == len(left) or enough:
            break
        enough = accounted >= MOST_OF * len(left)
    return None if best is None else _needed(matter, left, best)


def _in_turn(
    matter: Matter,
    left: Sequence[CaseResult],
    lenses: Sequence[Changes],
    known: Sequence[Rule],
    most_changes: int,
    besides: Iterator[Changes],
) -> Iterator[Iterator[Told]]:
    yield (told for rule in known for told in _as_known(matter, left, rule))
    alike = [e for e in left if _mode(e) == _mode(left[0])]
    yield (told for changes in besides for told in _told(matter, left, changes))
    for lens in lenses:
        levels = explanations(matter.rejudging, matter.output, alike, lens, most_changes)
        for level in levels:
            yield (told for changes in level for told in _told(matter, left, changes))


def _as_known(matter: Matter, left: Sequence[CaseResult], rule: Rule) -> Iterator[Told]:
    """Yield a rule of another output, if this one does not contradict it."""
    inside, outside, accounted = _parted(matter, left, rule.changes)
    if any(rule.where.holds(case) for case in outside):
        return
    failures = tuple(e for e in accounted if rule.where.holds(e.case))
    if any(rule.where.holds(case) for case in inside):
        yield Told(rule=rule, failures=failures)


def _told(matter: Matter, left: Sequence[CaseResult], changes: Changes) -> Iterator[Told]:
    """Yield `changes` under the condition in which they explain most, if there is one."""
    glance = [matter.rejudging.outcome(e, matter.output, changes) for e in left[:GLANCE]]
    if glance.count("explained") < min(LEAST_GLANCE, len(left) // 2 or 1):
        return  # it explains the one that it was made for
    inside, outside, accounted = _parted(matter, left, changes)
    best: Told | None = None
    for where in parting(inside, outside) if inside else ():
        support = sum(where.holds(case) for case in inside)
        failures = tuple(e for e in accounted if where.holds(e.case))
        least = max(LEAST_SUPPORT, LEAST_SHARE * len(left), LEAST_KEPT * len(inside))
        enough = support >= least
        enough = enough or (where == EVERYWHERE and support > 0)
        if enough and (best is None or len(failures) > len(best.failures)):
            best = Told(rule=Rule(changes=changes, where=where), failures=failures)
    if best is not None:
        yield best


def _confirmed(matter: Matter, told: Told) -> Iterator[Told]:
    """Yield a rule, one of accuracy in the condition in which the backend bears it out."""
    if not told.rule.of_accuracy:
        yield told
    if not told.rule.of_accuracy or matter.bearing is None:
        return
    inside = [e.case for e in told.failures]
    passing = [e.case for e in matter.evidence if matter.output not in e.failed]
    rule = matter.bearing.confirmed(told.rule, matter.output, inside, passing)
    if rule is not None:
        yield replace(told, rule=rule)


def _parted(
    matter: Matter, left: Sequence[CaseResult], changes: Changes
) -> tuple[list[Case], list[Case], list[CaseResult]]:
    """Return the cases of `left` that are explained, all that contradict, what is accounted for."""
    among, judged = set(map(id, left)), list[tuple[CaseResult, Outcome]]()
    for e in matter.evidence:
        if any(check.output == matter.output for check in e.checks):
            judged.append((e, matter.rejudging.outcome(e, matter.output, changes)))
    outside = [e.case for e, outcome in judged if outcome == "contradicted"]
    own = [(e, outcome) for e, outcome in judged if id(e) in among]
    explained = [e for e, outcome in own if outcome == "explained"]
    silent = [e for e, outcome in own if outcome == "silent"]
    of_values = dict(changes).keys() - OF_ACCURACY
    accounted = [*explained, *(_beside(silent, explained) if of_values else silent)]
    return [e.case for e in explained], outside, accounted


def _beside(silent: Sequence[CaseResult], explained: Sequence[CaseResult]) -> list[CaseResult]:
    """Return the silent failures that are no more than the explained ones with such statistics."""
    loud, quiet = Counter(map(_of_batch, explained)), Counter(map(_of_batch, silent))
    return [e for e in silent if quiet[_of_batch(e)] <= loud[_of_batch(e)]]


def _of_batch(case_result: CaseResult) -> bool:
    return case_result.case.training or not case_result.case.tracked


def _mode(case_result: CaseResult) -> tuple[bool, bool]:
    return case_result.case.training, case_result.case.tracked


def _borne_out(matter: Matter, told: Told) -> bool:
    return any(True for _ in _confirmed(matter, told))


def _needed(matter: Matter, left: Sequence[CaseResult], told: Told) -> Told:
    """Return a rule without the changes that account for nothing."""
    for change in told.rule.changes:
        fewer = tuple(c for c in told.rule.changes if c != change)
        if fewer:
            for other in _as_known(matter, left, replace(told.rule, changes=fewer)):
                if len(other.failures) >= len(told.failures) and _borne_out(matter, other):
                    return _needed(matter, left, other)
    return told
