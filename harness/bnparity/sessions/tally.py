"""What the cases that fail have in common, and the worst of them, in memory that does not grow.

A setting is certain to be shared if every case that failed had it, and no other that was judged
had: one field of the case, no combination of several.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from bnparity.cases import Case
from bnparity.judging import CaseResult
from bnparity.results import Worst

#: A setting, in words or as ``name=value``.
Trait: TypeAlias = str

#: Settings that are on or off, in words: what a case without has, and what a case with has.
_EITHER: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "training": ("inference mode", "training mode"),
        "tracked": ("no running statistics", "running statistics"),
        "gradient": ("no gradients asked", "gradients asked"),
        "fresh": ("a state that has moved", "the state of a new layer"),
        "reused": ("memory of its own", "memory that another call has used"),
    }
)

#: How many cases have to be there of a kind before chance is ruled out.
FEWEST = 5
#: How many symptoms are counted; there may be a new one in every message.
MOST_SYMPTOMS = 64


@dataclass(kw_only=True)
class Tally:
    """What is kept of the settings of cases.

    ``failing`` counts the traits of the cases that showed a symptom, ``judged`` those of all cases
    in which an output was judged; of the empty name, those of all cases. ``worst`` are the failing
    cases with the largest ratios, by output and formats.
    """

    failing: dict[str, Counter[Trait]] = field(default_factory=dict)
    judged: dict[str, Counter[Trait]] = field(default_factory=dict)
    worst: dict[tuple[str, ...], Worst] = field(default_factory=dict)

    def add(self, case_result: CaseResult, symptoms: tuple[str, ...]) -> None:
        """Count a case that shows `symptoms`, unless the backend could not be asked."""
        fault, case = case_result.fault, case_result.case
        if fault is not None and fault.kind == "unsupported":
            return
        self.keep_worst(case_result)
        # The empty trait counts the cases.
        traits = ("", *traits_of(case))
        for output in ("", *(check.output for check in case_result.checks)):
            if output not in self.judged:
                self.judged[output] = Counter()
            self.judged[output].update(traits)
        for symptom in symptoms:
            if symptom in self.failing or len(self.failing) < MOST_SYMPTOMS:
                self.failing.setdefault(symptom, Counter()).update(traits)

    def keep_worst(self, case_result: CaseResult) -> None:
        """Keep a case of which an output failed with the largest ratio so far."""
        case = case_result.case
        for check in case_result.checks:
            key = (check.output, *case.formats)
            known = self.worst.get(key)
            if check.verdict == "fail" and (known is None or check.ratio > known.ratio):
                self.worst[key] = Worst(ratio=check.ratio, case=case)

    def shared(self, symptom: str) -> Trait | None:
        """Return what all cases that show `symptom` have, and no others; None without certainty."""
        failing = self.failing.get(symptom, Counter())
        judged = self.judged.get(symptom, self.judged.get("", Counter()))
        if failing[""] < FEWEST or judged[""] - failing[""] < FEWEST:
            return None
        certain = (t for t, n in failing.items() if t and n == failing[""] and n == judged[t])
        return next(certain, None)

    def worst_of(self, output: str, concerns: Callable[[Case], bool]) -> Worst | None:
        """Return the worst failure of an output in a case that `concerns` it; None without one."""
        kept = [worst for (name, *_), worst in self.worst.items() if name == output]
        of_these = (worst for worst in kept if concerns(worst.case))
        return max(of_these, key=lambda worst: worst.ratio, default=None)


def traits_of(case: Case) -> Iterator[Trait]:
    """Yield the traits of a case: settings that have few values, and what is special of others."""
    for name in ("dtype", "param_dtype", "layout", "grad_layout", "affine", "threads"):
        yield f"{name}={getattr(case, name)}"
    if case.statistics_dtype is not None:
        yield f"statistics_dtype={case.statistics_dtype}"
    for name, words in _EITHER.items():
        yield words[getattr(case, name)]
    if case.training and case.tracked and case.momentum in (None, 0, 1):
        yield f"momentum={case.momentum} in training"  # where it means something
    if case.eps == 0:
        yield "eps=0"
    yield f"values={case.recipe.values}"
    yield f"{len(case.shape)} axes"
    if case.values_per_channel <= 1:
        yield f"{case.values_per_channel} values a channel"
    if case.shape[1] == 1:
        yield "one channel"
    if case.history:
        yield "calls before it"
