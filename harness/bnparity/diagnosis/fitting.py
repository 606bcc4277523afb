"""Where changes hold, and what they account for there: a rule made of them, if one can be.

A change that explains some failures is parted by a condition from whatever contradicts it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice

from bnparity.cases import Case
from bnparity.diagnosis.candidates import OF_ACCURACY, Changes
from bnparity.diagnosis.conditions import EVERYWHERE, Condition, is_extreme, parting
from bnparity.diagnosis.rules import Matter, Rule, Told
from bnparity.judging import CaseResult

#: How many failures say whether changes are worth a look at all the evidence.
GLANCE, LEAST_GLANCE = 8, 2
#: How many failures changes have to explain that do not hold everywhere.
LEAST_SUPPORT = 3
#: The share of all failures that these are, at least.
LEAST_SHARE = 0.25
#: The share of what changes explain that a condition may not leave out: else it is not the cause.
LEAST_KEPT = 0.6
#: Of so many that changes explain, one failure of extreme data may contradict them.
FEW_EXTREME = 8


def accounts(matter: Matter, rule: Rule, failure: CaseResult) -> bool:
    """Return whether a rule is an answer to a failure: it holds there, and contradicts nothing."""
    outcome = matter.rejudging.outcome(failure, matter.output, rule.changes)
    return outcome != "contradicted" and rule.where.holds(failure.case)


def as_known(matter: Matter, left: Sequence[CaseResult], rule: Rule) -> Iterator[Told]:
    """Yield a rule of another output, if this one does not contradict it."""
    inside, outside, accounted = _parted(matter, left, rule.changes)
    if any(rule.where.holds(case) for case in outside):
        return
    failures = tuple(e for e in accounted if rule.where.holds(e.case))
    if any(rule.where.holds(case) for case in inside):
        yield Told(rule=rule, failures=failures)


def told_where(
    matter: Matter, left: Sequence[CaseResult], changes: Changes, least: int = 0
) -> Iterator[Told]:
    """Yield `changes` under the condition in which they explain most, if there is one.

    It is not looked for where they cannot account for `least` of the failures.
    """
    if not _worth_a_look(matter, left, changes):
        return  # it explains the one that it was made for
    explained = _explained(matter, left, changes, len(left) - least)
    if explained is None:
        return
    if explained < max(LEAST_SUPPORT, LEAST_SHARE * len(left)) and _contradicted(matter, changes):
        return  # in some condition it has to explain more than that
    inside, outside, accounted = _parted(matter, left, changes)
    best: Told | None = None
    for where in parting(inside, outside) if inside else ():
        support = sum(where.holds(case) for case in inside)
        failures = tuple(e for e in accounted if where.holds(e.case))
        enough = support >= max(LEAST_SUPPORT, LEAST_SHARE * len(left), LEAST_KEPT * len(inside))
        enough = enough or (where == EVERYWHERE and support > 0)
        enough = enough and not _is_of_one_term(where, matter.output, changes)
        if enough and (best is None or len(failures) > len(best.failures)):
            best = Told(rule=Rule(changes=changes, where=where), failures=failures)
    if best is not None:
        yield best


def _is_of_one_term(where: Condition, output: str, changes: Changes) -> bool:
    """Return whether changes are of calls in which one of two terms counts, and tell no more.

    Where a momentum is 0 or 1, which term it weighs is no other question than whether running
    statistics move; and what they normalise agrees with more than elsewhere.
    """
    ends = {"momentum_zero", "momentum_one"}
    if not any(atom.feature in ends for atom in where.atoms):
        return False
    return not output.startswith("running_") or "momentum" in dict(changes)


def _explained(
    matter: Matter, left: Sequence[CaseResult], changes: Changes, most_wrong: int
) -> int | None:
    """Return how many failures `changes` explain; None if they contradict more than allowed."""
    explained = wrong = 0
    for case_result in left:
        outcome = matter.rejudging.outcome(case_result, matter.output, changes)
        explained += outcome == "explained"
        wrong += outcome == "contradicted"
        if wrong > most_wrong:
            return None
    return explained


def _contradicted(matter: Matter, changes: Changes) -> bool:
    """Return whether some of the evidence contradicts `changes`."""
    return any(
        matter.rejudging.outcome(e, matter.output, changes) == "contradicted"
        for e in matter.judged()
    )


def _worth_a_look(matter: Matter, left: Sequence[CaseResult], changes: Changes) -> bool:
    """Return whether `changes` explain several of the first failures that they speak of."""
    least, rejudging = min(LEAST_GLANCE, len(left) // 2 or 1), matter.rejudging
    spoken_of = islice(_spoken_of(matter, left, changes), GLANCE)
    may = [e for e in spoken_of if rejudging.may_explain(e, matter.output, changes)]
    if len(may) < least:
        return False
    return [rejudging.outcome(e, matter.output, changes) for e in may].count("explained") >= least


def _spoken_of(
    matter: Matter, left: Sequence[CaseResult], changes: Changes
) -> Iterator[CaseResult]:
    """Yield the failures that say something of `changes`: all, but for one pass by itself.

    That may lose all of a variance: whatever comes out then says nothing for it or against it.
    """
    if set(dict(changes)) != {"variance_algorithm"}:
        yield from left
        return
    for failure in left:
        if matter.rejudging.again(failure, matter.output, changes) is not None:
            yield failure


def _parted(
    matter: Matter, left: Sequence[CaseResult], changes: Changes
) -> tuple[list[Case], list[Case], list[CaseResult]]:
    """Return the cases of `left` that are explained, all that contradict, what is accounted for.

    A few failures of extreme data, which may have a cause of their own, take no name from the rest.
    """
    among = set(map(id, left))
    judged = [(e, matter.rejudging.outcome(e, matter.output, changes)) for e in matter.judged()]
    own = [(e, outcome) for e, outcome in judged if id(e) in among]
    explained = [e for e, outcome in own if outcome == "explained"]
    silent = [e for e, outcome in own if outcome == "silent"]
    of_values = dict(changes).keys() - OF_ACCURACY
    accounted = [*explained, *(_beside(silent, explained) if of_values else silent)]
    contradicting = [e for e, outcome in judged if outcome == "contradicted"]
    apart = {id(e) for e in contradicting if id(e) in among and is_extreme(e.case)}
    if FEW_EXTREME * len(apart) > len(explained):
        apart = set()
    outside = [e.case for e in contradicting if id(e) not in apart]
    return [e.case for e in explained], outside, accounted


def _beside(silent: Sequence[CaseResult], explained: Sequence[CaseResult]) -> list[CaseResult]:
    """Return the silent failures that are no more than the explained ones with such statistics."""
    loud, quiet = Counter(map(_of_batch, explained)), Counter(map(_of_batch, silent))
    return [e for e in silent if quiet[_of_batch(e)] <= loud[_of_batch(e)]]


def _of_batch(case_result: CaseResult) -> bool:
    return case_result.case.training or not case_result.case.tracked
