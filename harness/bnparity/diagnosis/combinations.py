"""Which changes explain a failure: few at once, the nearer the better.

Every change is tried by itself. The best few of those that bring the failures nearer are carried on
with every other one, and so forth.
"""

import sys
from collections.abc import Iterator, Sequence
from itertools import combinations
from math import log2

from bnparity.diagnosis.candidates import OF_GRADIENT, TEXTBOOK, Change, Changes
from bnparity.diagnosis.evidence import NEARER, Rejudging
from bnparity.judging import TIGHT, CaseResult

#: How many conventions a backend may get wrong at once and still be diagnosed.
MOST_CHANGES = 5
#: How many combinations are carried on to the next size.
BEAM = 5
#: By how many bits, in all of these failures, a change has to bring them nearer.
LEAST_GAIN = 4.0
#: How many failures say how near a combination comes.
MOST_TELLING = 4
#: The smallest number that an error is divided by.
SMALLEST = sys.float_info.min


def explanations(
    rejudging: Rejudging,
    output: str,
    failures: Sequence[CaseResult],
    found: Sequence[Change],
    lens: Changes,
    most_changes: int,
) -> Iterator[list[Changes]]:
    """Yield the changes that explain the first of `failures` of `output`, up to `most_changes`.

    They are made of `found`, single ones. `lens` are changes of accuracy, which are part of each.
    The failures are in one row of the mode
    table, so that the same changes should bring all of them nearer.
    """
    seed, telling = failures[0], failures[:MOST_TELLING]
    if "variance_algorithm" in dict(lens):  # of a coarse arithmetic by itself all outputs tell
        yield _explaining(rejudging, output, seed, [()], lens)
    tried: list[Changes] = [(change,) for change in found]
    for size in range(1, most_changes + 1):
        if size == 2 and not lens:
            tried = [*tried, *_pairs(rejudging, output, seed, found)]
        if rejudging.over or not tried:
            return
        yield _explaining(rejudging, output, seed, tried, lens)
        tried = _carried_on(rejudging, output, telling, tried, found, lens)


def beside_known(
    rejudging: Rejudging,
    output: str,
    seed: CaseResult,
    found: Sequence[Change],
    lens: Changes,
    known: Sequence[Changes],
) -> list[Changes]:
    """Return `known` changes, those of other outputs, that explain `seed`, or with one of `found`.

    What is done to one output is likely done to the next, which may show more. A gradient that was
    left as it was comes before one that was changed besides.
    """
    near = rejudging.off(seed, output, ()) / NEARER
    more = [
        (*changes, change)
        for changes in known
        for change in found
        if change[0] not in dict(changes)
        and rejudging.off(seed, output, (*changes, change)) <= near
    ]
    parts = (known, more)
    return [c for part in parts for c in _explaining(rejudging, output, seed, part, lens)]


def _pairs(
    rejudging: Rejudging, output: str, seed: CaseResult, found: Sequence[Change]
) -> list[Changes]:
    """Return the pairs of changes that show in `seed` and bring it as near as they have to.

    Of two that pull in opposite directions neither brings a failure nearer by itself.
    """
    declared = rejudging.off(seed, output, ())
    shown = [c for c in found if rejudging.off(seed, output, (c,)) != declared]
    pairs = (pair for pair in combinations(shown, 2) if pair[0][0] != pair[1][0])
    near = declared / NEARER
    return [p for p in pairs if not rejudging.over and rejudging.off(seed, output, p) <= near]


def _explaining(
    rejudging: Rejudging, output: str, seed: CaseResult, tried: Sequence[Changes], lens: Changes
) -> list[Changes]:
    """Return which of `tried` explain `seed`, each with `lens`.

    Whoever changes the forward pass may have left the textbook's gradient as it was.
    """
    if output == "grad_input":
        left = [(*c, TEXTBOOK) for c in tried if dict(c).keys() & OF_GRADIENT]
        tried = [*tried, *left]
    with_lens = ((*changes, *lens) for changes in tried)
    may = [c for c in with_lens if rejudging.may_explain(seed, output, c)]
    return [c for c in may if rejudging.outcome(seed, output, c) == "explained"]


def _carried_on(
    rejudging: Rejudging,
    output: str,
    telling: Sequence[CaseResult],
    tried: Sequence[Changes],
    found: Sequence[Change],
    lens: Changes,
) -> list[Changes]:
    """Return the best of `tried` with one change more: those that bring the failures nearer.

    To count, a change has to bring them nearer than the fewer changes that it was added to do.
    """

    def distance(changes: Changes) -> float:
        return _distance(rejudging, output, telling, (*changes, *lens))

    more = dict[frozenset[Change], Changes]()
    near = sorted(tried, key=lambda c: rejudging.off(telling[0], output, (*c, *lens)))[: 2 * BEAM]
    nearer = [c for c in near if distance(c) < distance(c[:-1]) - LEAST_GAIN]
    for changes in sorted(nearer, key=distance)[:BEAM]:
        for change in found:
            if change[0] not in dict(changes):
                more.setdefault(frozenset((*changes, change)), (*changes, change))
    return list(more.values())


def _distance(
    rejudging: Rejudging, output: str, telling: Sequence[CaseResult], changes: Changes
) -> float:
    """Return how far `changes` leave failures from accurate, in bits of all of them.

    What was furthest off counts by the bound that was declared: a wider one brings nothing nearer.
    """
    bits = 0.0
    for case_result in telling:
        found = rejudging.measured(case_result, output, changes)
        declared = rejudging.measured(case_result, output, ())
        if found is not None and declared is not None:
            bound = max(declared.check.bound, SMALLEST)
            bits += log2(max(found.check.ratio / TIGHT, found.off / bound / TIGHT, 1.0))
    return bits
