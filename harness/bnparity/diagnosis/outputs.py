"""The decision lists of all outputs: one cause behind several of them is told once."""

from collections.abc import Sequence

from bnparity_reference import OUTPUTS

from bnparity.diagnosis.accuracy import Bearing
from bnparity.diagnosis.arithmetic import put_down_to_arithmetic
from bnparity.diagnosis.candidates import Changes, Evidence, lenses
from bnparity.diagnosis.conditions import EVERYWHERE, Condition, parting
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.lists import decision_list
from bnparity.diagnosis.rooted import rooted
from bnparity.diagnosis.rules import Lists, Matter, Rule
from bnparity.judging import CaseResult

#: What is declared.
NO_CHANGE = Rule(changes=())
#: What is looked for with each accuracy before more changes are with any.
FEW_CHANGES = 2


def lists_of(
    seen: Evidence,
    rejudging: Rejudging,
    bearing: Bearing | None,
    most_changes: int,
    before: Lists | None = None,
) -> Lists:
    """Return the decision list of each output that fails somewhere in what was `seen`.

    Failures come first, and small ones before large ones: most changes are refuted by the first.
    Single changes are tried before one pass, a coarse arithmetic, and several at once; rules from
    the lists `before`, of less evidence, before all others.
    """
    before = before or Lists()
    ordered = sorted(seen, key=lambda e: (not e.failed, e.inputs.x.size))
    failing = {output for e in ordered for output in e.failed}
    # Of a coarse arithmetic all outputs have to tell together, each time.
    lasting = [rule for rule in before.rules() if not rule.of_accuracy]
    matters = [
        Matter(output=o, evidence=ordered, rejudging=rejudging, bearing=bearing, before=lasting)
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
        lists = put_down_to_arithmetic(lists, ordered, bearing, before)
    if most_changes > 1:
        _tell_several(lists, matters, rejudging, bearing, most_changes)
        if bearing is not None:
            lists = put_down_to_arithmetic(lists, ordered, bearing, before)
    return rooted(lists, rejudging)


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
    known = [()] if bearing is None else list(lenses(rejudging.dialect, bearing.like))
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
