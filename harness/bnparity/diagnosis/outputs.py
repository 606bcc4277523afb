"""The decision lists of all outputs: one cause behind several of them is told once."""

from collections.abc import Sequence
from itertools import islice

from bnparity_reference import OUTPUTS

from bnparity.diagnosis.accuracy import Bearing
from bnparity.diagnosis.candidates import OF_ACCURACY, Changes, Evidence, lenses, values_of
from bnparity.diagnosis.conditions import EVERYWHERE, Condition, narrowing, parting
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.lists import decision_list
from bnparity.diagnosis.rules import Lists, Matter, Rule, Told
from bnparity.judging import CaseResult

#: What is declared.
NO_CHANGE = Rule(changes=())
#: What is looked for with each accuracy before more changes are with any.
FEW_CHANGES = 2
#: How many conditions are tried in which alone an arithmetic may be coarse.
MOST_NARROWER = 3


def lists_of(
    seen: Evidence,
    rejudging: Rejudging,
    bearing: Bearing | None,
    most_changes: int,
    before: Sequence[Rule] = (),
) -> Lists:
    """Return the decision list of each output that fails somewhere in what was `seen`.

    Failures come first, and small ones before large ones: most changes are refuted by the first.
    Single changes are tried before one pass, a coarse arithmetic, and several at once; rules from
    `before`, of less evidence, before all others.
    """
    ordered = sorted(seen, key=lambda e: (not e.failed, e.inputs.x.size))
    failing = {output for e in ordered for output in e.failed}
    matters = [
        Matter(output=o, evidence=ordered, rejudging=rejudging, bearing=bearing, before=before)
        for o in OUTPUTS
        if o in failing
    ]
    never = [matter for matter in matters if _always_zero(matter)]
    # What is not computed has no convention.
    lists = Lists(told={m.output: [] for m in never}, left={m.output: m.failures() for m in never})
    matters = [matter for matter in matters if matter.output not in lists.told]
    _tell_each(lists, matters, [()], most_changes=1)
    if bearing is not None:
        # By itself, and beside what other outputs tell: that is cheap, and spares long searches.
        for lens in filter(None, _lenses(rejudging, bearing)[0]):
            unexplained = [matter for matter in matters if lists.left[matter.output]]
            _tell_each(lists, unexplained, [lens], most_changes=0)
        lists = _with_arithmetic(lists, ordered, bearing)
    if most_changes == 1:
        return lists
    _tell_several(lists, matters, rejudging, bearing, most_changes)
    return lists if bearing is None else _with_arithmetic(lists, ordered, bearing)


def _tell_several(
    lists: Lists,
    matters: Sequence[Matter],
    rejudging: Rejudging,
    bearing: Bearing | None,
    most_changes: int,
) -> None:
    """Add rules of several changes at once where single ones leave something."""
    fine, coarse = _lenses(rejudging, bearing)
    for few in (FEW_CHANGES, most_changes):
        for lens in fine:  # as accurate as it says first: a cause without an excuse is likelier
            unexplained = [matter for matter in matters if lists.left[matter.output]]
            _tell_each(lists, unexplained, [lens], most_changes=few)
    for matter in matters:
        nothing = bool(lists.left[matter.output]) and not lists.told[matter.output]
        if nothing and bearing is not None and bearing.coarse(NO_CHANGE, {matter.output}):
            _tell(lists, matter, coarse, most_changes=most_changes)


def _always_zero(matter: Matter) -> bool:
    returned = (e.outputs[matter.output] for e in matter.judged())
    return not any(array.any() for array in returned)


def _tell_each(
    lists: Lists, matters: Sequence[Matter], lenses: Sequence[Changes], *, most_changes: int
) -> None:
    """Add the rules of outputs to `lists`: none takes what is left to the next, or to later."""
    for place, matter in enumerate(matters):
        with matter.rejudging.part(len(matters) - place + 1):
            _tell(lists, matter, lenses, most_changes=most_changes)


def _tell(lists: Lists, matter: Matter, lenses: Sequence[Changes], *, most_changes: int) -> None:
    """Add the rules of an output to `lists`, if they leave less than those that are there do."""
    output = matter.output
    known = list(dict.fromkeys((*lists.rules(), *matter.before)))
    told, left = decision_list(matter, lenses, known, most_changes)
    if output not in lists.told or len(left) < len(lists.left[output]):
        lists.told[output], lists.left[output] = told, left


def _lenses(rejudging: Rejudging, bearing: Bearing | None) -> tuple[list[Changes], list[Changes]]:
    """Return how accurate a backend may be: in the format of its data, and in coarser ones."""
    known = list(lenses(rejudging.dialect)) if bearing is not None else [()]
    coarse = [lens for lens in known if "arithmetic" in dict(lens)]
    return [lens for lens in known if lens not in coarse], coarse


def remaining_where(output: str, left: Sequence[CaseResult], seen: Evidence) -> Condition:
    """Return the condition that the failures in `left` meet and no other case; if one does."""
    among = set(map(id, left))
    inside = [e.case for e in left]
    others = [
        e.case for e in seen if id(e) not in among and any(c.output == output for c in e.checks)
    ]
    for where in parting(inside, others):
        if len(where.atoms) == 1 and all(map(where.holds, inside)):
            return where
    return EVERYWHERE


def _with_arithmetic(lists: Lists, ordered: Evidence, bearing: Bearing) -> Lists:
    """Return `lists` with all that a coarse arithmetic explains put down to it.

    Coarse ones are often inaccurate for what is declared. They have to be mostly accurate for the
    arithmetic. What explains some of them only is not the cause; where it is, others that are off
    now and then need no cause of their own.
    """
    unexplained = {output: left for output, left in lists.left.items() if left}
    inside = [e.case for left in unexplained.values() for e in left]
    passing = [e.case for e in ordered if not e.failed]
    narrower = islice(narrowing(inside, passing), MOST_NARROWER)
    for where in (EVERYWHERE, *narrower) if inside else ():
        if bearing.rejudging.over:
            break
        coarse = bearing.coarse(Rule(changes=(), where=where), set(unexplained))
        if (
            not coarse
            or bearing.erratic(bearing.plain(Rule(changes=(), where=where)), (), coarse) != coarse
        ):
            continue
        for value in values_of("arithmetic", (), bearing.rejudging.dialect):
            rule = Rule(changes=(("arithmetic", value),), where=where)
            if bearing.fits(rule, coarse) == coarse and all(
                _accounts(bearing.rejudging, rule, output, lists.failures(output))
                for output in coarse
            ):
                return _put_down_to(rule, lists, coarse, bearing.rejudging)
    return lists


def _accounts(
    rejudging: Rejudging, rule: Rule, output: str, failures: Sequence[CaseResult]
) -> bool:
    return all(
        rule.where.holds(e.case) and rejudging.outcome(e, output, rule.changes) != "contradicted"
        for e in failures
    )


def _put_down_to(rule: Rule, lists: Lists, coarse: set[str], rejudging: Rejudging) -> Lists:
    told, left = dict(lists.told), dict(lists.left)
    for output, parts in lists.told.items():
        of_accuracy = all(dict(part.rule.changes).keys() <= OF_ACCURACY for part in parts)
        failures = lists.failures(output)
        if output in coarse or (of_accuracy and _accounts(rejudging, rule, output, failures)):
            told[output] = [Told(rule=rule, failures=tuple(failures))]
            left[output] = []
    return Lists(told=told, left=left)
