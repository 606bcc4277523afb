"""What a state holds as texts: keys that say what rows are about, and figures that are merged."""

import hashlib
import json
import math
from collections import Counter
from collections.abc import Mapping
from typing import Any, TypeAlias

from bnparity_reference import OUTPUTS

from bnparity.results import Cell, Figures, Totals, by_edge, from_edges

#: What is counted or kept, and of whom, as a list in JSON.
Key: TypeAlias = tuple[str, str]

#: Characters of somebody else's words; what is longer is cut.
_LONGEST = 500
#: What totals count by text.
_BY_TEXT = ("unsupported", "asked", "missing", "besides")


def key(*parts: Any) -> str:
    """Return the key that `parts` make."""
    return json.dumps(parts, separators=(",", ":"))


def digest(text: str) -> str:
    """Return what stands for `text`, and puts texts into an order that nobody chooses."""
    return hashlib.sha256(text.encode()).hexdigest()


def cut(text: str) -> str:
    """Return `text`, if it is long with its end replaced by a digest of the whole."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}... {digest(text)[:8]}"


def counts_of(totals: Totals) -> Counter[Key]:
    """Return the counts in totals that are not those of a cell."""
    counts: Counter[Key] = Counter({("cases", key()): totals.cases})
    for what in _BY_TEXT:
        for text, count in getattr(totals, what).items():
            counts[what, key(cut(text))] += count
    for name, sizes in totals.sizes.items():
        counts.update({("size", key(name, size)): count for size, count in sizes.items()})
    return counts


def figures_of(totals: Totals) -> dict[str, Figures]:
    """Return the figures of each output in each cell of totals."""
    return {
        key(*cell, output): figures
        for cell, outputs in totals.cells.items()
        for output, figures in outputs.items()
    }


def totals_of(counts: Mapping[Key, int], figures: Mapping[str, Figures]) -> Totals:
    """Return the totals that these counts, with those of places, and figures are of."""
    totals = Totals(cases=counts.get(("cases", key()), 0))
    for (what, text), count in counts.items():
        parts = json.loads(text)
        if what == "coverage":
            totals.cells.setdefault(Cell(*parts[:4]), {})
        elif what == "size":
            totals.sizes.setdefault(str(parts[0]), Counter())[int(parts[1])] += count
        elif what in _BY_TEXT:
            getattr(totals, what)[parts[0]] = count
    for text in sorted(figures, key=lambda text: OUTPUTS.index(json.loads(text)[4])):
        *cell, output = json.loads(text)
        totals.cells.setdefault(Cell(*cell), {})[output] = figures[text]
        totals.outputs.setdefault(output, Figures()).merge(figures[text])
    return totals


def to_text(figures: Figures) -> str:
    """Return figures as JSON: the same text for the same figures."""
    bins = {"bins": by_edge(figures.bins), "failed": by_edge(figures.failed)}
    return json.dumps({**vars(figures), **bins}, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Figures:
    """Return the figures that `to_text` has written."""
    said = json.loads(text)
    bins, failed = from_edges(said["bins"]), from_edges(said["failed"])
    for number in (*bins, *failed):
        finite(number)
    return Figures(
        verdicts=Counter({str(verdict): int(n) for verdict, n in said["verdicts"].items()}),
        worst_ratio=float(said["worst_ratio"]),
        max_ulp=float(said["max_ulp"]),
        bins=bins,
        failed=failed,
    )


def finite(number: Any) -> float:
    """Return a number that a state holds; raise TypeError or ValueError if it is none."""
    if type(number) not in (int, float) or not math.isfinite(number):
        raise ValueError(f"{number!r} is no number")
    return float(number)
