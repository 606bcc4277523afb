"""What is told of a gradient alone, held against the output of the same calls.

A convention of the forward pass shows in the output first. Where that is wrong in a way that
nothing explains, a gradient that agrees with a convention does so by chance: of a cap on 1 / root
some calls look like a floor under eps.
"""

from bnparity.diagnosis.candidates import shows_in
from bnparity.diagnosis.evidence import Rejudging
from bnparity.diagnosis.rules import Lists, Rule


def rooted(lists: Lists, rejudging: Rejudging) -> Lists:
    """Return `lists` without the rules of gradients that the output denies where they hold.

    It does if one of its failures is explained neither by them nor by anything else.
    """
    of_gradients = {
        part.rule
        for output, parts in lists.told.items()
        for part in parts
        if output.startswith("grad_")
    }
    denied = {rule for rule in of_gradients if _is_denied(rule, lists, rejudging)}
    return lists.of(set(lists.rules()) - denied) if denied else lists


def _is_denied(rule: Rule, lists: Lists, rejudging: Rejudging) -> bool:
    of_forward = any("output" in shows_in(field) for field, _ in rule.changes)
    if rule.of_accuracy or not of_forward or "output" not in lists.told:
        return False
    if any(part.rule == rule for part in lists.told["output"]):
        return False
    left = (e for e in lists.left["output"] if rule.where.holds(e.case))
    return any(rejudging.outcome(e, "output", rule.changes) == "contradicted" for e in left)
