"""What one block contributes to the results: counts, figures and small samples, all mergeable.

Merging is associative and commutative, so the order of blocks does not matter, and what is kept
does not grow with their number:

- counts are added, histograms too; of the worst ratios the worse one is kept;
- of samples those with the smallest (place, digest) are kept, a few of each;
- where keys are somebody else's words (faults, refusals), those with the smallest digests are kept:
  whichever is dropped would be dropped after every later block too.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from bnparity_reference import OUTPUTS

from bnparity.campaign.coverage import place_of
from bnparity.case import Case
from bnparity.examine import Examination
from bnparity.hunt import suspicions
from bnparity.inquiry import Inquiry
from bnparity.reading import case_from_json
from bnparity.tally import Cell, Figures, Tally
from bnparity.vacuity import Answers

#: What a figure is about: what is counted, and of whom, as a list in JSON.
Key: TypeAlias = tuple[str, str]

#: How many samples are kept of each key: the worst cases of an output, failing cases by what
#: fails, passing ones, and the first case that showed a suspicion.
MOST_SAMPLES: Mapping[str, int] = {"worst": 8, "failing": 8, "passing": 40, "first": 1}
#: How many texts are kept of what is counted or sampled by text.
MOST_TEXTS: Mapping[str, int] = {"seen": 128, "first": 64, "unsupported": 32, "borrowed": 8}
#: What a tally counts by text.
_BY_TEXT = ("unsupported", "asked", "missing")
#: Characters of a text; what is longer is cut.
_LONGEST = 500


@dataclass(frozen=True, order=True)
class Sample:
    """A case that is kept, as JSON; those with the smallest place and digest stay."""

    place: float
    digest: str
    payload: str


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """What a block adds to the results of its backend.

    ``figures`` are those of an output in a cell, by the `key` of both.
    """

    counts: Mapping[Key, int]
    figures: Mapping[str, Figures]
    samples: Mapping[Key, tuple[Sample, ...]]


@dataclass(kw_only=True)
class Gathering:
    """Collects from the examinations of the block `block` what its figures do not tell."""

    block: int
    places: Counter[Key] = field(default_factory=Counter)
    samples: dict[Key, list[Sample]] = field(default_factory=dict)

    def add(self, examination: Examination) -> None:
        """Take one examination."""
        fault = examination.fault
        if fault is not None and fault.kind == "unsupported":
            return
        self.places["coverage", key(*place_of(examination.case))] += 1
        payload = payload_of(examination)
        for check in examination.checks:
            self._keep(("worst", key(check.output)), -check.ratio, payload)
        found = suspicions(examination)
        if fault is None:
            kind = ("failing", key(*found)) if found else ("passing", key())
            self._keep(kind, 0.0, payload)
        for suspicion in found:
            self._keep(("first", key(cut(suspicion))), float(self.block), payload)

    def _keep(self, kept: Key, place: float, payload: str) -> None:
        samples = self.samples.setdefault(kept, [])
        if kept[0] == "first" and samples:
            return  # the first one drawn stays
        digest = hashlib.sha256(payload.encode()).hexdigest()[:16]
        samples.append(Sample(place, digest, payload))

    def contribution(self, inquiry: Inquiry) -> Contribution:
        """Return what the block adds, with the figures of its `inquiry`."""
        counts = counts_of(inquiry.tally)
        counts.update(self.places)
        counts.update(_answered(inquiry.answers))
        counts["drawn", key()] += inquiry.drawn
        counts["given up", key()] += inquiry.given_up
        for found, count in inquiry.seen.items():
            counts["seen", key(*map(cut, found))] += count
        if inquiry.borrowed:
            counts["borrowed", key(inquiry.borrowed)] += 1
        kept = {k: tuple(sorted(set(s))[: MOST_SAMPLES[k[0]]]) for k, s in self.samples.items()}
        return Contribution(counts=+counts, figures=figures_of(inquiry.tally), samples=kept)


def counts_of(tally: Tally) -> Counter[Key]:
    """Return the counts of a tally that are not those of a cell."""
    counts: Counter[Key] = Counter({("cases", key()): tally.cases})
    for what in _BY_TEXT:
        for text, count in getattr(tally, what).items():
            counts[what, key(cut(text))] += count
    return counts


def figures_of(tally: Tally) -> dict[str, Figures]:
    """Return the figures of each output in each cell of a tally."""
    return {
        key(*cell, output): figures
        for cell, outputs in tally.cells.items()
        for output, figures in outputs.items()
    }


def tally_of(counts: Mapping[Key, int], figures: Mapping[str, Figures]) -> Tally:
    """Return the tally that these counts, with those of places, and figures are of."""
    tally = Tally(cases=counts.get(("cases", key()), 0))
    for (what, text), count in counts.items():
        parts = json.loads(text)
        if what == "coverage":
            tally.cells.setdefault(Cell(*parts[:4]), {})
        elif what in _BY_TEXT:
            getattr(tally, what)[parts[0]] = count
    ordered = sorted(figures, key=lambda text: OUTPUTS.index(json.loads(text)[4]))
    for text in ordered:
        *cell, output = json.loads(text)
        tally.cells.setdefault(Cell(*cell), {})[output] = figures[text]
        add_figures(tally.outputs.setdefault(output, Figures()), figures[text])
    return tally


def add_figures(figures: Figures, others: Figures) -> None:
    """Add to `figures` those of other checks."""
    figures.verdicts.update(others.verdicts)
    figures.bins.update(others.bins)
    figures.worst_ratio = max(figures.worst_ratio, others.worst_ratio)
    figures.max_ulp = max(figures.max_ulp, others.max_ulp)


def figures_to_text(figures: Figures) -> str:
    """Return figures as JSON: the same text for the same figures."""
    bins = {f"{edge:g}": count for edge, count in figures.bins.items()}
    return json.dumps({**vars(figures), "bins": bins}, sort_keys=True, separators=(",", ":"))


def figures_from_text(text: str) -> Figures:
    """Return the figures that `figures_to_text` has written."""
    said = json.loads(text)
    return Figures(
        verdicts=Counter({str(verdict): int(n) for verdict, n in said["verdicts"].items()}),
        worst_ratio=float(said["worst_ratio"]),
        max_ulp=float(said["max_ulp"]),
        bins=Counter({float(edge): int(n) for edge, n in said["bins"].items()}),
    )


def key(*parts: Any) -> str:
    """Return the key that `parts` make."""
    return json.dumps(parts, separators=(",", ":"))


def cut(text: str) -> str:
    """Return `text`, if it is long with its end replaced by a digest of the whole."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}... {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def fewest(what: str, keys: Iterable[str]) -> set[str]:
    """Return which of `keys` are dropped: those beyond the number of texts that is kept."""
    ordered = sorted(keys, key=lambda text: hashlib.sha256(text.encode()).digest())
    return set(ordered[MOST_TEXTS[what] :])


def payload_of(examination: Examination) -> str:
    """Return what is kept of an examination: its case, and its fault if it has one."""
    fault = examination.fault
    said = fault and {"kind": fault.kind, "text": cut(fault.text)}
    return json.dumps({"case": examination.case.to_json(), "fault": said})


def case_in(payload: str) -> Case:
    """Return the case in what was kept of an examination; a `Mistake` if there is none."""
    return case_from_json(json.loads(payload)["case"])


def _answered(answers: Answers) -> Counter[Key]:
    return Counter(
        (what, key(question.output, question.text))
        for what, questions in (("raised", answers.raised), ("answered", answers.answered))
        for question in questions
    )
