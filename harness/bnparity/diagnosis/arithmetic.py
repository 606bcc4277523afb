"""A coarse arithmetic is one cause, however many outputs it shows in: it is told of all at once.

What it does not account for has another cause, and is left to be told apart.
"""

from collections.abc import Iterator, Sequence

from bnparity.cases import Case
from bnparity.diagnosis.accuracy import Bearing
from bnparity.diagnosis.candidates import OF_ACCURACY, Evidence, arithmetics
from bnparity.diagnosis.conditions import EVERYWHERE, Condition, narrowing, of_formats
from bnparity.diagnosis.denying import undenied
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.fitting import LEAST_SUPPORT
from bnparity.diagnosis.lists import MOST_OF
from bnparity.diagnosis.rules import Lists, Rule, Told
from bnparity.judging import CaseResult

#: How many conditions are tried in which alone an arithmetic may be coarse.
MOST_NARROWER = 3
#: The features that say how data lie in memory.
_LAYOUTS = ("layout", "grad_layout")
#: The share of what a coarser format accounts for that a finer one has to account for.
NEARLY_ALL = 0.9


def put_down_to_arithmetic(
    lists: Lists, ordered: Evidence, bearing: Bearing, before: Lists
) -> Lists:
    """Return `lists` with all that a coarse arithmetic explains put down to it.

    Coarse outputs are often inaccurate for what is declared. They have to be mostly accurate for
    the arithmetic, which accounts for most failures of each. Where it is the cause, other outputs
    that are off now and then need none of their own. If no time is left to ask for one, that of
    the lists `before`, of less evidence, is kept while it accounts for most of this.
    """
    unexplained = {output: left for output, left in lists.left.items() if left}
    # What one arithmetic tells of some outputs, another one may not tell of a rest of others.
    together = {*unexplained, *_told_by_arithmetic(lists)}
    inside = [e.case for left in unexplained.values() for e in left]
    passing = [e.case for e in ordered if not e.failed]
    for where in _conditions(inside, passing) if inside else ():
        if bearing.rejudging.over:
            break
        declared = Rule(changes=(), where=where)
        coarse = bearing.coarse(declared, together)
        if not coarse or bearing.erratic(bearing.plain(declared), (), coarse) != coarse:
            continue
        fitting = list(_fitting(where, lists, coarse, bearing))
        while fitting:
            rule, found = _finest(fitting, bearing)
            if undenied(bearing, rule, coarse) == coarse:
                return found
            fitting.remove((rule, found))
    return _as_before(lists, before, bearing.rejudging) if bearing.rejudging.over else lists


def _as_before(lists: Lists, before: Lists, rejudging: Rejudging) -> Lists:
    """Return `lists` with what the arithmetic accounts for that has been established before."""
    for rule in before.rules():
        outputs = {output for output in before.told if _told_by(rule, before, output)}
        if "arithmetic" in dict(rule.changes) and outputs <= lists.told.keys():
            found = _put_down_to(rule, lists, outputs, rejudging)
            if _count(rule, found) >= MOST_OF * sum(len(found.failures(o)) for o in outputs):
                return found
    return lists


def _conditions(inside: Sequence[Case], passing: Sequence[Case]) -> Iterator[Condition]:
    """Yield where alone an arithmetic may be coarse: everywhere first.

    A format does not begin at a size: values that are left out beyond one err as rounding does. Of
    one format an arithmetic may be coarse, and others be off by something else; and of data that
    lie in memory in another way, for which there is another kernel.
    """
    yield EVERYWHERE
    narrower = [where for where in narrowing(inside, passing) if not where.begins_at_a_size]
    formats = list(of_formats(inside))
    yield from narrower[:MOST_NARROWER]
    yield from formats
    by_feature = {where.atoms[0].feature: where for where in narrower}
    for laid in (by_feature[name] for name in _LAYOUTS if name in by_feature):
        for of in (by_feature.get("dtype", EVERYWHERE), *formats):
            yield Condition(atoms=(*of.atoms, *laid.atoms))


def _told_by_arithmetic(lists: Lists) -> set[str]:
    """Return the outputs of which an arithmetic by itself tells something."""
    rules = {rule for rule in lists.rules() if dict(rule.changes).keys() == {"arithmetic"}}
    return {o for o, parts in lists.told.items() if rules & {part.rule for part in parts}}


def _finest(fitting: Sequence[tuple[Rule, Lists]], bearing: Bearing) -> tuple[Rule, Lists]:
    """Return the finest arithmetic that accounts for nearly as much as any, and its lists.

    A coarser one has room for what has another cause.
    """
    most = max(_count(rule, found) for rule, found in fitting)
    enough = [(r, found) for r, found in fitting if _count(r, found) >= NEARLY_ALL * most]
    return min(enough, key=lambda pair: bearing.coarseness(pair[0]))


def _fitting(
    where: Condition, lists: Lists, coarse: set[str], bearing: Bearing
) -> Iterator[tuple[Rule, Lists]]:
    """Yield each arithmetic that accounts for most of what is coarse, and the lists with it."""
    for value in arithmetics(bearing.rejudging.dialect, bearing.like):
        rule = Rule(changes=(("arithmetic", value),), where=where)
        if bearing.fits(rule, coarse) == coarse:
            found = _put_down_to(rule, lists, coarse, bearing.rejudging)
            if all(_mostly_told(found, output, rule) for output in coarse):
                yield rule, found


def _count(rule: Rule, lists: Lists) -> int:
    """Return how many failures are put down to a rule."""
    return sum(_told_by(rule, lists, output) for output in lists.told)


def _mostly_told(lists: Lists, output: str, rule: Rule) -> bool:
    """Return whether a rule accounts for most failures of an output.

    Where all others have a setting that a user names, and many of these have not, most are those
    without it: the others have a cause of their own.
    """
    told, failures = _told_by(rule, lists, output), lists.failures(output)
    if told >= MOST_OF * len(failures) or told < LEAST_SUPPORT:
        return told >= MOST_OF * len(failures)
    inside = [e for part in lists.told[output] if part.rule == rule for e in part.failures]
    cases, others = [e.case for e in inside], [e.case for e in _others(failures, inside)]
    without = (
        sum(not where.holds(case) for case in cases)
        for where in narrowing(others, cases)
        if where.is_of_settings
    )
    return any(count >= max(LEAST_SUPPORT, told / 2) for count in without)


def _told_by(rule: Rule, lists: Lists, output: str) -> int:
    return sum(len(part.failures) for part in lists.told[output] if part.rule == rule)


def _put_down_to(rule: Rule, lists: Lists, coarse: set[str], rejudging: Rejudging) -> Lists:
    """Return `lists` with what `rule` accounts for, and with what others tell of the rest."""
    told, left = dict(lists.told), dict(lists.left)
    for output, parts in lists.told.items():
        of_accuracy = all(dict(part.rule.changes).keys() <= OF_ACCURACY for part in parts)
        if output not in coarse and not of_accuracy:
            continue
        by_rule = _accounted(rejudging, rule, output, lists.failures(output))
        if by_rule:
            rest = [_without(part, by_rule) for part in parts]
            told[output] = [
                Told(rule=rule, failures=tuple(by_rule)),
                *(part for part in rest if part.failures),
            ]
            left[output] = _others(lists.left[output], by_rule)
    return Lists(told=told, left=left)


def _accounted(
    rejudging: Rejudging, rule: Rule, output: str, failures: Sequence[CaseResult]
) -> list[CaseResult]:
    return [
        e
        for e in failures
        if rule.where.holds(e.case) and rejudging.outcome(e, output, rule.changes) != "contradicted"
    ]


def _without(part: Told, accounted: Sequence[CaseResult]) -> Told:
    return Told(rule=part.rule, failures=tuple(_others(part.failures, accounted)))


def _others(failures: Sequence[CaseResult], accounted: Sequence[CaseResult]) -> list[CaseResult]:
    among = set(map(id, accounted))
    return [e for e in failures if id(e) not in among]
