"""Cases across backends: what each of those that were asked the same one made of it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from typing import Any

from bnparity.cases import Case
from bnparity.judging import CaseResult

#: How many cases of a backend are kept to be looked at across all: the first that it was asked.
MOST_KEPT = 500

#: How many cases results show across backends.
MOST_SHOWN = 40

_VERDICTS = ("pass", "loose", "fail")


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a backend made of a case: the largest ratio of each output, or what came instead."""

    verdict: str
    ratios: Mapping[str, float]
    fault: str = ""

    @property
    def worst(self) -> float:
        """The largest ratio of any output; 0 where none was checked."""
        return max(self.ratios.values(), default=0.0)

    def to_json(self) -> dict[str, Any]:
        """Return it as results have it."""
        return {"verdict": self.verdict, "ratios": dict(self.ratios), "fault": self.fault}


def answered(case_result: CaseResult) -> Answered:
    """Return what is kept of a case result: its verdict is that of the worst output."""
    fault, checks = case_result.fault, case_result.checks
    if fault is not None:
        return Answered(verdict="fail", ratios={}, fault=fault.kind)
    verdict = max((check.verdict for check in checks), key=_VERDICTS.index, default="not checked")
    return Answered(verdict=verdict, ratios={check.output: check.ratio for check in checks})


def across(backends: Mapping[str, Mapping[Case, Answered]]) -> list[dict[str, Any]]:
    """Return cases that several backends were asked, as results have them.

    Of each backend in turn the worst case that is not there yet, until there are enough.

    Parameters
    ----------
    backends
        By the name of a backend, what it made of each case that is kept of it.
    """
    times = Counter(chain.from_iterable(backends.values()))
    orders = [_worst_first(kept, times) for kept in backends.values()]
    chosen = dict.fromkeys(filter(None, chain.from_iterable(zip_longest(*orders))))
    return [
        {
            "case": case.to_json(),
            "answers": {n: kept[case].to_json() for n, kept in backends.items() if case in kept},
        }
        for case in islice(chosen, MOST_SHOWN)
    ]


def _worst_first(kept: Mapping[Case, Answered], times: Mapping[Case, int]) -> list[Case]:
    """Return the cases that others were asked too: faults first, then by their ratios."""
    shared = [case for case in kept if times[case] > 1]
    return sorted(shared, key=lambda case: (kept[case].fault == "", -kept[case].worst))
