"""The ratios of an output in two runs: have they grown by more than the draw of cases explains?

Two samples of ratios are compared by their distribution functions, as Kolmogorov and Smirnov do.
That the new ratios are no larger than the old ones times `RESOLUTION`, the width of a bin of the
histograms, is refuted where the share of ratios up to some value is smaller than it was by more
than ``epsilon``. By the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart ("The tight constant
in the Dvoretzky-Kiefer-Wolfowitz inequality", 1990), for n independent draws of a known
distribution ``P(D > epsilon) <= exp(-2 n epsilon^2)``; for two samples, n is ``n_old n_new /
(n_old + n_new)``. Cases are not drawn independently: half of every second block climbs towards
large ratios, and Hypothesis repeats what it has drawn. That makes a share vary like that of fewer
draws, by the factor `DESIGN_EFFECT`.
"""

import math
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bnparity.tally import BINS_PER_OCTAVE, ZERO_BIN

#: The chance of a false alarm, for one output in one format of one backend.
LEVEL = 1e-5

#: How much more a share of ratios varies between seeds than if cases were drawn independently:
#: variance over variance, as Kish defines it.
DESIGN_EFFECT = 5.0


@dataclass(kw_only=True)
class Ratios:
    """The ratios of one output, in one format of the data.

    Parameters
    ----------
    checks, fails
        How many there are, and how many of them are beyond the gate.
    worst
        The largest.
    bins
        Checks by log2 of the ratio, rounded down to a half.
    """

    checks: int = 0
    fails: int = 0
    worst: float = 0.0
    bins: Counter[float] = field(default_factory=Counter)

    def add(self, figures: Mapping[str, Any]) -> None:
        """Count the figures of one cell."""
        self.checks += int(figures["checks"])
        self.fails += int(figures.get("verdicts", {}).get("fail", 0))
        self.worst = max(self.worst, figures["worst_ratio"])
        for key, count in figures["histogram"].items():
            if not math.isnan(edge := _number(key)):
                self.bins[edge] += int(count)

    def __str__(self) -> str:
        """Return the figures that people look at."""
        fails = f", {self.fails} of {self.checks} fail" if self.fails else ""
        worst = "inf" if self.worst >= sys.float_info.max else f"{self.worst:.3g}"
        return f"worst {worst}, median {self._median():.2g}{fails}"

    def _median(self) -> float:
        seen = 0
        for edge in sorted(self.bins):
            seen += self.bins[edge]
            if 2 * seen >= self.bins.total():
                return 0.0 if edge <= ZERO_BIN else 2.0 ** (min(edge, 64) + 0.5 / BINS_PER_OCTAVE)
        return 0.0


def ratios_of(backend: Mapping[str, Any]) -> dict[tuple[str, str], Ratios]:
    """Return the ratios of a backend by output and format of the data, where there are any.

    Half data with float32 parameters count as half data. Of results without cells the format is
    not known, and empty.
    """
    found: dict[tuple[str, str], Ratios] = {}
    for cell in backend["cells"] or [{"dtype": "", "outputs": backend["outputs"]}]:
        dtype = cell["dtype"].partition("+")[0]
        for output, figures in cell["outputs"].items():
            if figures["checks"]:
                found.setdefault((output, dtype), Ratios()).add(figures)
    return found


def grown(old: Ratios, new: Ratios) -> bool:
    """Return whether the ratios of `new` are larger than those of `old`, beyond noise.

    A ratio of exactly 0 says that nothing was to be rounded, as of statistics that must not move:
    how many there are depends on the cases alone, and they are left out.
    """
    before, after = _nonzero(old.bins), _nonzero(new.bins)
    width = 1 / BINS_PER_OCTAVE
    edges = {*(edge + width for edge in before), *after}
    most = max((_share(before, e - width) - _share(after, e) for e in edges), default=0.0)
    return most > epsilon(before.total(), after.total())


def fails_more(old: Ratios, new: Ratios) -> bool:
    """Return whether a larger share of the checks fails in `new`, beyond noise."""
    if not old.checks or not new.checks:
        return False
    more = new.fails / new.checks - old.fails / old.checks
    return more > epsilon(old.checks, new.checks)


def epsilon(old: int, new: int) -> float:
    """Return by how much shares of `old` and `new` checks may differ by the luck of the draw.

    Examples
    --------
    >>> round(epsilon(1000, 1000), 2), epsilon(0, 1000)
    (0.24, inf)
    """
    if not old or not new:
        return math.inf
    return math.sqrt(DESIGN_EFFECT * math.log(1 / LEVEL) / 2 * (1 / old + 1 / new))


def _nonzero(bins: Counter[float]) -> Counter[float]:
    return Counter({edge: count for edge, count in bins.items() if edge > ZERO_BIN})


def _share(bins: Counter[float], edge: float) -> float:
    """Return the share of the ratios that are in bins up to `edge`."""
    return sum(count for at, count in bins.items() if at <= edge) / max(bins.total(), 1)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
