"""Whether the errors of an output have grown: those of the probes, by a test of their variance.

The ratios of two sessions are no fair sample to compare. Half of every second block of cases climbs
towards large ratios and stays where it finds them, so that the distributions of one backend under
two seeds differ by half of all checks. The probes behind a grade are the same calls in every
session, whatever its seed and its cases: what differs there is the backend.

At each of them 16 channels hold the same terms in different orders, and their errors scatter with
15 degrees of freedom. Two ways of summing that are equally accurate, as another width of registers
is, draw from one distribution, and the ratio of their variances from F(15, 15). Beyond the square
of `CRITICAL` it is no luck. Of data far from zero this does not hold: how such sums round hangs on
few bits of the mean. Their probes are left to the grade.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bnparity.judging import GRADES
from bnparity.results.comparison.change import Change

#: The largest ratio of two scatters that luck explains. F(15, 15) is above 16 with a chance of
#: 1.4e-6: for the 36 measurements of a backend, one false alarm in 20,000 comparisons.
CRITICAL = 4.0

#: A scatter that is not seen behind the one rounding of the sum itself.
NEGLIGIBLE = 1.0


def changed_errors(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    """Yield the outputs whose sums have other errors, where both runs have measured them.

    `old` and `new` are the ``outputs`` of a backend in the two runs.
    """
    for output in new:
        before, after = _scatters(old.get(output, {})), _scatters(new[output])
        grown = {at: after[at] / before[at] for at in before.keys() & after.keys()}
        worse = {at: ratio for at, ratio in grown.items() if ratio > CRITICAL}
        better = {at: ratio for at, ratio in grown.items() if ratio < 1 / CRITICAL}
        if worse or better:
            at = max(worse, key=grown.__getitem__) if worse else min(better, key=grown.__getitem__)
            note = (
                f"scatter of sums of {at} values, in units of rounding; sums were "
                f"{old[output]['grade']}, and are {new[output]['grade']}"
            )
            scatters = f"{before[at]:.3g}", f"{after[at]:.3g}"
            yield Change("regressed" if worse else "mended", "errors", output, *scatters, note)
        elif (was := old.get(output, {}).get("grade")) and was != new[output]["grade"]:
            yield _of_grade(output, was, new[output]["grade"])


def _scatters(figures: Mapping[str, Any]) -> dict[int, float]:
    """Return the scatter at each n, about zero, as far as it is one of sums."""
    if figures.get("grade") in (None, "half"):
        return {}
    return {
        int(point["n"]): max(point["scatter"], NEGLIGIBLE)
        for point in figures.get("accumulation", {}).get("points", [])
        if point["scatter"] is not None and not point["conditioning"]
    }


def _of_grade(output: str, old: str, new: str | None) -> Change:
    """Return the change of a grade alone: it is no promise, and may hang on a small difference."""
    grades: Sequence[str | None] = GRADES
    worse = old in grades and new in grades and grades.index(old) < grades.index(new)
    note = "less accurate, within what luck explains" if worse else ""
    return Change("changed", "sums", output, old, new or "", note)
