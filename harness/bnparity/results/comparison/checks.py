"""What was checked of a backend in each format, and how much of it failed."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from bnparity.judging import GRADES
from bnparity.results.comparison.change import Change, Direction

#: The chance that an output that fails as before is called a regression.
LEVEL = 1e-3

#: How much more shares of checks vary between seeds than if cases were drawn independently, as a
#: ratio of variances (Kish's design effect): up to 6.3 over 24 seeds of four kernels.
DESIGN_EFFECT = 7.0


@dataclass(frozen=True, kw_only=True)
class Checks:
    """How often an output was judged, in one format of the data, and how often it failed."""

    total: int = 0
    fails: int = 0

    def __add__(self, other: "Checks") -> "Checks":
        return Checks(total=self.total + other.total, fails=self.fails + other.fails)

    def __str__(self) -> str:
        fail = "fails" if self.fails == 1 else "fail"
        return f"{self.fails} of {self.total} checks {fail}"


#: By output and format.
ByOutput: TypeAlias = Mapping[tuple[str, str], Checks]


def checks_of(backend: Mapping[str, Any]) -> dict[tuple[str, str], Checks]:
    """Return the checks of a backend by output and format of the data, where there are any.

    Half data with float32 parameters count as half data. Of results without cells the format is
    not known, and empty.
    """
    found: dict[tuple[str, str], Checks] = {}
    for cell in backend["cells"] or [{"dtype": "", "outputs": backend["outputs"]}]:
        for output, figures in cell["outputs"].items():
            if figures["checks"]:
                key = output, cell["dtype"].partition("+")[0]
                fails = figures.get("verdicts", {}).get("fail", 0)
                counted = Checks(total=int(figures["checks"]), fails=int(fails))
                found[key] = found.get(key, Checks()) + counted
    return found


def newly_fails(old: Checks, new: Checks) -> bool:
    """Return whether `old` should have met the failures of `new`, and has not.

    As often as `new` fails, `old` met ``m = new.fails / new.total * old.total`` of them on average,
    and none with a chance of ``exp(-m)`` in independent draws, ``exp(-m / DESIGN_EFFECT)`` in
    these.

    Examples
    --------
    >>> newly_fails(Checks(total=300), Checks(total=300, fails=200))
    True
    >>> newly_fails(Checks(total=300), Checks(total=300, fails=2))
    False
    """
    if old.fails or not new.fails:
        return False
    due = new.fails / new.total * old.total
    return due > DESIGN_EFFECT * math.log(1 / LEVEL)


def changed_checks(before: ByOutput, after: ByOutput, told: set[str]) -> Iterator[Change]:
    """Yield outputs, by format, that one run did not check, or in which only the new one failed.

    Of those that are `told` a new finding says already that they fail.
    """
    for key in [*before, *(key for key in after if key not in before)]:
        old, new = before.get(key, Checks()), after.get(key, Checks())
        where = " of ".join(filter(None, key))
        if not old.total or not new.total:
            direction: Direction = "changed" if new.total else "regressed"
            yield Change(direction, "checks", where, str(old.total), str(new.total))
        elif key[0] not in told and newly_fails(old, new):
            yield Change("regressed", "fails", where, str(old), str(new))


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
