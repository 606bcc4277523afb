"""What one block contributes to the results: counts, figures and small samples, all mergeable.

Merging is associative and commutative, so the order of blocks does not matter, and what is kept
does not grow with their number:

- counts are added, histograms too; of the worst ratios the worse one is kept;
- of samples those with the smallest (place, digest) are kept, a few of each;
- where keys are somebody else's words (faults, refusals), those with the smallest digests are kept:
  whichever is dropped would be dropped after every later block too.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bnparity.cases import Case, case_from_json
from bnparity.judging import CaseResult, symptoms
from bnparity.results import Figures
from bnparity.sessions.campaign.coverage import place_of
from bnparity.sessions.campaign.figures import Key, counts_of, cut, digest, figures_of, key
from bnparity.sessions.evaluation import Evaluation

#: How many samples are kept of each key: the worst cases of an output, failing cases by what
#: fails, passing ones, and the first case that showed a symptom.
MOST_SAMPLES: Mapping[str, int] = {"worst": 8, "failing": 8, "passing": 40, "first": 1}
#: How many texts are kept of what is counted or sampled by text.
MOST_TEXTS: Mapping[str, int] = {
    "seen": 128,
    "first": 64,
    "unsupported": 32,
    "borrowed": 8,
    "besides": 8,
}


@dataclass(frozen=True, order=True)
class Sample:
    """A case that is kept, as JSON; those with the smallest place and digest stay."""

    place: float
    digest: str
    payload: str


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What a block adds to the results of its backend; figures by the `key` of cell and output."""

    counts: Mapping[Key, int]
    figures: Mapping[str, Figures]
    samples: Mapping[Key, tuple[Sample, ...]]


def together(contributions: Sequence[Contribution]) -> Contribution:
    """Return what several blocks contribute together: the same as one after the other."""
    counts: Counter[Key] = Counter()
    figures: defaultdict[str, Figures] = defaultdict(Figures)
    samples: defaultdict[Key, set[Sample]] = defaultdict(set)
    for each in contributions:
        counts.update(each.counts)
        for place, found in each.figures.items():
            figures[place].merge(found)
        for which, kept in each.samples.items():
            samples[which].update(kept)
    few = {which: _fewest(which, kept) for which, kept in samples.items()}
    return Contribution(counts=counts, figures=dict(figures), samples=few)


def _fewest(which: Key, samples: Iterable[Sample]) -> tuple[Sample, ...]:
    return tuple(sorted(set(samples))[: MOST_SAMPLES[which[0]]])


@dataclass(kw_only=True)
class Gathering:
    """Collects from the case results of the block `block` what its figures do not tell."""

    block: int
    places: Counter[Key] = field(default_factory=Counter)
    samples: dict[Key, list[Sample]] = field(default_factory=dict)

    def add(self, case_result: CaseResult) -> None:
        """Take one case result."""
        fault = case_result.fault
        if fault is not None and fault.kind == "unsupported":
            return
        self.places["coverage", key(*place_of(case_result.case))] += 1
        payload = payload_of(case_result)
        for check in case_result.checks:
            self._keep(("worst", key(check.output)), -check.ratio, payload)
        found = symptoms(case_result)
        if fault is None:
            kind = ("failing", key(*found)) if found else ("passing", key())
            self._keep(kind, 0.0, payload)
        for symptom in found:
            self._keep(("first", key(cut(symptom))), float(self.block), payload)

    def _keep(self, kept: Key, place: float, payload: str) -> None:
        samples = self.samples.setdefault(kept, [])
        if kept[0] == "first" and samples:
            return  # the first one drawn stays
        samples.append(Sample(place, digest(payload)[:16], payload))

    def contribution(self, evaluation: Evaluation) -> Contribution:
        """Return what the block adds, with the figures of its `evaluation`."""
        counts = counts_of(evaluation.totals)
        counts.update(self.places)
        for what in ("raised", "answered"):
            asked = getattr(evaluation.answers, what)
            counts.update((what, key(question.output, question.text)) for question in asked)
        counts["drawn", key()] += evaluation.drawn
        counts["given up", key()] += evaluation.given_up
        for found, count in evaluation.seen.items():
            counts["seen", key(*map(cut, found))] += count
        if evaluation.borrowed:
            counts["borrowed", key(evaluation.borrowed)] += 1
        kept = {which: _fewest(which, samples) for which, samples in self.samples.items()}
        return Contribution(counts=+counts, figures=figures_of(evaluation.totals), samples=kept)


def payload_of(case_result: CaseResult) -> str:
    """Return what is kept of a case result: its case, and its fault with what was printed then."""
    fault = case_result.fault
    kept: dict[str, Any] = {"case": case_result.case.to_json(), "fault": None}
    if fault is not None:
        said = {**vars(fault), "text": cut(fault.text)}
        kept |= {"fault": said, "printed": case_result.printed}
    return json.dumps(kept)


def case_in(payload: str) -> Case:
    """Return the case in what was kept of a case result; a `UsageError` if there is none."""
    return case_from_json(json.loads(payload)["case"])
