"""A decision list for one output: what is done instead, and where, until the failures are told.

The smallest failure is explained first. Of all the changes that would, the ones that explain most
of the other failures are taken, where a condition parts these from whatever contradicts them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bnparity.diagnosis.candidates import OF_ACCURACY, Changes, of_frameworks, singles
from bnparity.diagnosis.combinations import beside_known, explanations
from bnparity.diagnosis.conditions import is_extreme
from bnparity.diagnosis.fitting import accounts, as_known, told_where
from bnparity.diagnosis.rules import Matter, Rule, Told
from bnparity.judging import CaseResult

#: How many failures of an output are looked at one by one.
MOST_SEEDS = 3
#: The share of failures that is most of them.
MOST_OF = 0.75


def decision_list(
    matter: Matter, lenses: Sequence[Changes], known: Sequence[Rule], most_changes: int
) -> tuple[list[Told], list[CaseResult]]:
    """Return the rules of an output, and the failures that none accounts for.

    `known` rules, of other outputs, are preferred to others that explain no more. These are judged
    even where no effort is left to look for others.
    """
    failures = matter.failures()
    left, told, unexplained = list(failures), list[Told](), list[CaseResult]()
    while left and len(unexplained) < MOST_SEEDS and (known or not matter.rejudging.over):
        if told and len(left) <= (1 - MOST_OF) * len(failures):
            lenses, most_changes = lenses[:1], 1  # a rest is not worth the time
        best = _best(matter, left, lenses, known, most_changes, _more(matter, told))
        if best is None:
            unexplained.append(left.pop(0))
            left.sort(key=lambda e: _kind(e) in set(map(_kind, unexplained)))
            continue
        too = [e for e in unexplained if accounts(matter, best.rule, e)]
        best = replace(best, failures=(*best.failures, *too))
        told.append(best)
        accounted = set(map(id, best.failures))
        left, unexplained = (
            [e for e in part if id(e) not in accounted] for part in (left, unexplained)
        )
    return not_by_chance(*_undenied(matter, told, [*unexplained, *left]))


def _undenied(
    matter: Matter, told: list[Told], rest: list[CaseResult]
) -> tuple[list[Told], list[CaseResult]]:
    """Return what is told and what is left, without what other outputs deny if that is much.

    That one output alone goes by a rule is believed where it goes by rules nearly always. Else it
    does something that agrees with them in some calls.
    """
    failures = sum(len(part.failures) for part in told) + len(rest)
    denied = [part for part in told if _is_denied(matter, part)]
    if not denied or len(rest) <= (1 - MOST_OF) * failures:
        return told, rest
    more = [e for part in denied for e in part.failures]
    return [part for part in told if part not in denied], [*rest, *more]


def not_by_chance(told: list[Told], rest: list[CaseResult]) -> tuple[list[Told], list[CaseResult]]:
    """Return what is told and what is left, if that is most without rules of some data or sizes.

    What is wrong in another way agrees with a convention there: from 0 on, where an average forgets
    what is new, it never moves. Of settings that a user names a kernel may have a branch, and what
    is of accuracy the backend has borne out.
    """
    failures = sum(len(part.failures) for part in told) + len(rest)
    if 2 * len(rest) <= failures:
        return told, rest
    kept = [part for part in told if part.rule.of_accuracy or part.rule.where.is_of_settings]
    more = [e for part in told if part not in kept for e in part.failures]
    return kept, [*rest, *more]


def _kind(failure: CaseResult) -> tuple[object, ...]:
    """Return what a failure is one of: of three empty batches none says more than the others."""
    case = failure.case
    values = min(case.values_per_channel, 2)
    return case.training, case.tracked, case.dtype, values, is_extreme(case)


def _more(matter: Matter, told: Sequence[Told]) -> Iterator[Changes]:
    """Yield the changes of each rule with one more: what is done besides, in some condition."""
    changes = singles(matter.evidence, matter.rejudging.readings, matter.output)
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
    levels = _in_turn(matter, left, lenses, known, most_changes, besides)
    for place, level in enumerate(levels):
        if place and matter.rejudging.over:
            break
        for candidate in level:
            for told in _told(matter, left, candidate, 0 if best is None else len(best.failures)):
                if best is None or _worth(matter, told) > _worth(matter, best):
                    best = next(_confirmed(matter, told), best)
            if best is not None and _worth(matter, best) == (len(left), True, 0):
                return _needed(matter, left, best)  # no other is worth more
            if place and matter.rejudging.over:
                break
        accounted = 0 if best is None else len(best.failures)
        if accounted == len(left) or enough:
            break
        enough = accounted >= MOST_OF * len(left)
    return None if best is None else _needed(matter, left, best)


def _told(
    matter: Matter, left: Sequence[CaseResult], candidate: Rule | Changes, least: int
) -> Iterator[Told]:
    """Yield a known rule as it is, or changes where they hold if they account for `least`."""
    if isinstance(candidate, Rule):
        return as_known(matter, left, candidate)
    return told_where(matter, left, candidate, least)


def _worth(matter: Matter, told: Told) -> tuple[int, bool, int]:
    """Return what one rule is better by than another.

    It is how many failures it accounts for, whether no other output of these calls denies it, and
    how few conditions it needs.
    """
    denied = _is_denied(matter, told)
    return len(told.failures), not denied, -len(told.rule.where.atoms)


def _is_denied(matter: Matter, told: Told) -> bool:
    """Return whether what passes in the calls of a gradient's failures contradicts their rule.

    A backward pass may have a formula of its own. What it does by itself has a name that says so
    before one of the forward pass, which the output of the same calls does not follow.
    """
    outcome, changes = matter.rejudging.outcome, told.rule.changes
    return matter.output.startswith("grad_") and any(
        outcome(e, check.output, changes) == "contradicted"
        for e in told.failures
        for check in e.checks
        if check.output != matter.output and check.output not in e.failed
    )


def _in_turn(
    matter: Matter,
    left: Sequence[CaseResult],
    lenses: Sequence[Changes],
    known: Sequence[Rule],
    most_changes: int,
    besides: Iterator[Changes],
) -> Iterator[Iterable[Rule | Changes]]:
    """Yield what may be told, the likelier causes first.

    The first are known rules, as they are or where they hold in this evidence.
    """
    yield [*known, *dict.fromkeys(rule.changes for rule in known)]
    alike = [e for e in left if _mode(e) == _mode(left[0])]
    yield besides
    found = singles(alike, matter.rejudging.readings, matter.output)
    of_values = list(dict.fromkeys(_of_values(rule) for rule in known if _of_values(rule)))
    for lens in lenses:
        yield beside_known(matter.rejudging, matter.output, alike[0], found, lens, of_values)
        levels = explanations(matter.rejudging, matter.output, alike, found, lens, most_changes)
        for size, level in enumerate(levels, start=1):
            yield level
            if size == 1 and not lens:  # before it is looked for change by change
                yield of_frameworks(matter.rejudging.dialect, matter.output)


def _of_values(rule: Rule) -> Changes:
    return tuple(change for change in rule.changes if change[0] not in OF_ACCURACY)


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


def _mode(case_result: CaseResult) -> tuple[bool, bool]:
    return case_result.case.training, case_result.case.tracked


def _borne_out(matter: Matter, told: Told) -> bool:
    return any(True for _ in _confirmed(matter, told))


def _needed(matter: Matter, left: Sequence[CaseResult], told: Told) -> Told:
    """Return a rule without the changes that account for nothing."""
    for change in told.rule.changes:
        fewer = tuple(c for c in told.rule.changes if c != change)
        if fewer:
            for other in as_known(matter, left, replace(told.rule, changes=fewer)):
                if len(other.failures) >= len(told.failures) and _borne_out(matter, other):
                    return _needed(matter, left, other)
    return told
