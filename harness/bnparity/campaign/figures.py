"""The figures of a tally in pieces that can be stored and merged, and back."""

import json
from collections import Counter
from collections.abc import Mapping

from bnparity_reference import OUTPUTS

from bnparity.campaign.keys import Key, cut, key
from bnparity.tally import Cell, Figures, Tally, by_edge, from_edges

#: What a tally counts by text.
_BY_TEXT = ("unsupported", "asked", "missing")


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
    figures.failed.update(others.failed)
    figures.worst_ratio = max(figures.worst_ratio, others.worst_ratio)
    figures.max_ulp = max(figures.max_ulp, others.max_ulp)


def figures_to_text(figures: Figures) -> str:
    """Return figures as JSON: the same text for the same figures."""
    bins = {"bins": by_edge(figures.bins), "failed": by_edge(figures.failed)}
    return json.dumps({**vars(figures), **bins}, sort_keys=True, separators=(",", ":"))


def figures_from_text(text: str) -> Figures:
    """Return the figures that `figures_to_text` has written."""
    said = json.loads(text)
    return Figures(
        verdicts=Counter({str(verdict): int(n) for verdict, n in said["verdicts"].items()}),
        worst_ratio=float(said["worst_ratio"]),
        max_ulp=float(said["max_ulp"]),
        bins=from_edges(said["bins"]),
        failed=from_edges(said["failed"]),
    )
