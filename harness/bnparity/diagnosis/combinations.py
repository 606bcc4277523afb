"""Which changes explain a failure: few at once, the nearer the better.

Every change is tried by itself. The best few of those that bring the failures nearer are carried on
with every other one, and so forth.
"""

import sys
from collections.abc import Iterator, Sequence
from math import log2

from bnparity.diagnosis.candidates import OF_GRADIENT, TEXTBOOK, Change, Changes, singles
from bnparity.diagnosis.evidence import Rejudging
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
    rejudging: Rejudging, output: str, failures: Sequence[CaseResult], lens: Changes
) -> Iterator[list[Changes]]:
    """Yield the changes that explain the first of `failures` of `output`, size by size.

    `lens` are changes of accuracy, which are part of each. The failures are in one row of the mode
    table, so that the same changes should bring all of them nearer.
    """
    seed, telling = failures[0], failures[:MOST_TELLING]
    found = singles(failures, rejudging.dialect, output)
    if "variance_algorithm" in dict(lens):  # of a coarse arithmetic by itself all outputs tell
        yield _explaining(rejudging, output, seed, [()], lens)
    tried: list[Changes] = [(change,) for change in found]
    for _ in range(MOST_CHANGES):
        if rejudging.over or not tried:
            return
        yield _explaining(rejudging, output, seed, tried, lens)
        tried = _carried_on(rejudging, output, telling, tried, found, lens)


def _explaining(
    rejudging: Rejudging, output: str, seed: CaseResult, tried: Sequence[Changes], lens: Changes
) -> list[Changes]:
    """Return which of `tried` explain `seed`, each with `lens`.

    Whoever changes the forward pass may have left the textbook's gradient as it was.
    """
    if output == "grad_input":
        left = [(*c, TEXTBOOK) for c in tried if dict(c).keys() & OF_GRADIENT]
        tried = [*tried, *left]
    with_lens = [(*changes, *lens) for changes in tried]
    return [c for c in with_lens if rejudging.outcome(seed, output, c) == "explained"]


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

    def distance(changes: Changes, among: Sequence[CaseResult]) -> float:
        return _distance(rejudging, output, among, (*changes, *lens))

    first, more = telling[:1], dict[frozenset[Change], Changes]()
    near = sorted(tried, key=lambda changes: distance(changes, first))[: 2 * BEAM]
    nearer = [c for c in near if distance(c, telling) < distance(c[:-1], telling) - LEAST_GAIN]
    for changes in sorted(nearer, key=lambda c: distance(c, telling))[:BEAM]:
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
        found = rejudging.again(case_result, output, changes)
        declared = rejudging.again(case_result, output, ())
        if found is not None and declared is not None:
            bound = max(declared.check.bound, SMALLEST)
            bits += log2(max(found.check.ratio / TIGHT, found.off / bound / TIGHT, 1.0))
    return bits
