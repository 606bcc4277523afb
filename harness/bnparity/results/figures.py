"""Figures over many checks, in memory that does not grow with their number."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from bnparity.cases import Case
from bnparity.judging import STATISTICS, CaseResult, Check
from bnparity.results.across import MOST_KEPT, Answered, answered
from bnparity.results.sizes import Sizes, sizes_of

#: Bins of the histogram of ratios per factor of two.
BINS_PER_OCTAVE = 2
#: The bin of a ratio of exactly 0; no other bin reaches down to it.
ZERO_BIN = -64.0
#: The bin of every ratio from 2 ** 64 up: an infinite one too.
TOP_BIN = 64.0
#: How many reasons are told apart for which cases are not judged: each may have words of its own.
_MOST_REASONS = 64
#: How many names are told of what came where an output was missing.
_MOST_NAMES = 8


class Cell(NamedTuple):
    """What cases are grouped by."""

    mode: str
    dtype: str
    layout: str
    rank: int


@dataclass(kw_only=True)
class Figures:
    """What is kept of the checks of one output: counts by verdict, extremes and a histogram.

    ``bins`` counts ratios by log2, rounded down to a half; ``failed`` those of them that the
    any-order gate did not let through.
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    worst_ratio: float = 0.0
    max_ulp: float = 0.0
    bins: Counter[float] = field(default_factory=Counter)
    failed: Counter[float] = field(default_factory=Counter)

    def add(self, check: Check) -> None:
        """Count one check."""
        self.verdicts[check.verdict] += 1
        self.worst_ratio = max(self.worst_ratio, check.ratio)
        self.max_ulp = max(self.max_ulp, check.ulp)
        self.bins[_bin(check.ratio)] += 1
        if check.verdict == "fail":
            self.failed[_bin(check.ratio)] += 1

    def merge(self, other: "Figures") -> None:
        """Count the checks of `other` too."""
        self.verdicts.update(other.verdicts)
        self.worst_ratio = max(self.worst_ratio, other.worst_ratio)
        self.max_ulp = max(self.max_ulp, other.max_ulp)
        self.bins.update(other.bins)
        self.failed.update(other.failed)

    def to_json(self) -> dict[str, Any]:
        """Return the figures as results have them."""
        return {
            "checks": self.verdicts.total(),
            "worst_ratio": self.worst_ratio,
            "median_ratio": self._median(),
            "max_ulp": self.max_ulp,
            "grade": None,
            "verdicts": dict(self.verdicts),
            "histogram": by_edge(self.bins),
            "failed": by_edge(self.failed),
        }

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> "Figures":
        """Return the figures that `to_json` has written; those of old results have no `failed`."""
        return cls(
            verdicts=Counter(written["verdicts"]),
            worst_ratio=written["worst_ratio"],
            max_ulp=written["max_ulp"],
            bins=from_edges(written["histogram"]),
            failed=from_edges(written.get("failed", {})),
        )

    def _median(self) -> float | None:
        seen, half = 0, self.verdicts.total() / 2
        for edge in sorted(self.bins):
            seen += self.bins[edge]
            if seen >= half > 0:
                return 0.0 if edge == ZERO_BIN else 2.0 ** (edge + 0.5 / BINS_PER_OCTAVE)
        return None


@dataclass(frozen=True, kw_only=True)
class Loosest:
    """The case of the largest ratio of an output that is loose."""

    check: Check
    case_result: CaseResult

    def to_json(self) -> dict[str, Any]:
        """Return the case as results have it."""
        return {
            "case": self.case_result.case.to_json(),
            "ratio": self.check.ratio,
            "repro": None,
        }


@dataclass(kw_only=True)
class Totals:
    """The figures of one backend: for each output, also in each cell; and how large cases were.

    ``besides`` has what came with names that no output has where one was ``missing``.
    ``loosest`` has the worst loose case of each output, if there is any; ``answered`` what came of
    the first cases, to be looked at beside what other backends made of them.
    """

    cases: int = 0
    unsupported: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    besides: Counter[str] = field(default_factory=Counter)
    outputs: dict[str, Figures] = field(default_factory=dict)
    cells: dict[Cell, dict[str, Figures]] = field(default_factory=dict)
    loosest: dict[str, Loosest] = field(default_factory=dict)
    sizes: Sizes = field(default_factory=dict)
    answered: dict[Case, Answered] = field(default_factory=dict, compare=False)

    @property
    def checks(self) -> int:
        """How many outputs have been judged."""
        return sum(figures.verdicts.total() for figures in self.outputs.values())

    def add(self, case_result: CaseResult) -> None:
        """Count one case result; a case that the backend cannot be asked is not executed."""
        if case_result.fault is not None and case_result.fault.kind == "unsupported":
            text = case_result.fault.text
            few = text in self.unsupported or len(self.unsupported) < _MOST_REASONS
            self.unsupported[text if few else "other reasons"] += 1
            return
        self.cases += 1
        if len(self.answered) < MOST_KEPT:
            self.answered[case_result.case] = answered(case_result)
        for name, size in sizes_of(case_result.case).items():
            if name not in self.sizes:
                self.sizes[name] = Counter()
            self.sizes[name][size] += 1
        if case_result.fault is None:
            # In inference, running statistics can be left out.
            optional = () if case_result.case.training else STATISTICS
            due = [name for name in case_result.asked if name not in optional]
            self.asked.update(due)
            missing = [name for name in due if name not in case_result.outputs]
            self.missing.update(missing)
            self._count_besides(case_result.besides if missing else ())
        cell = self.cells.setdefault(cell_of(case_result.case), {})
        for check in case_result.checks:
            for figures in (self.outputs, cell):
                if check.output not in figures:  # to make them for every check takes its time
                    figures[check.output] = Figures()
                figures[check.output].add(check)
            kept = self.loosest.get(check.output)
            if check.verdict == "loose" and (kept is None or check.ratio > kept.check.ratio):
                self.loosest[check.output] = Loosest(check=check, case_result=case_result)

    def _count_besides(self, names: Sequence[str]) -> None:
        few = [name for name in names if name in self.besides or len(self.besides) < _MOST_NAMES]
        self.besides.update(few)


def cell_of(case: Case) -> Cell:
    """Return the cell that `case` belongs to."""
    mode = "training" if case.training else "inference"
    return Cell(
        mode=mode if case.tracked else f"{mode}, untracked",
        dtype=_formats(case),
        layout=case.layout,
        rank=len(case.shape),
    )


def by_edge(bins: Mapping[float, int]) -> dict[str, int]:
    """Return a histogram as JSON has it: edges are keys, in their order."""
    return {f"{edge:g}": bins[edge] for edge in sorted(bins)}


def from_edges(histogram: Mapping[str, int]) -> Counter[float]:
    """Return the histogram that `by_edge` has written.

    Raises
    ------
    ValueError
        If an edge or a count is no number.
    """
    return Counter({float(edge): int(count) for edge, count in histogram.items()})


def _bin(ratio: float) -> float:
    if ratio == 0.0:
        return ZERO_BIN
    edge = math.floor(math.log2(ratio) * BINS_PER_OCTAVE) / BINS_PER_OCTAVE
    return min(max(edge, ZERO_BIN + 1), TOP_BIN)


def _formats(case: Case) -> str:
    """Return the formats of data, parameters and statistics, as many as say something new."""
    data, parameters, statistics = case.formats
    if statistics != parameters:
        return f"{data}+{parameters}+{statistics}"
    return data if parameters == data else f"{data}+{parameters}"
