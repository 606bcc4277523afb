"""What hunts leave to read: a table of the faults, and one of the right kernels' worst errors."""

from collections.abc import Iterable, Mapping, Sequence
from math import inf
from statistics import median
from typing import Any

from bnparity.backends.formats import FORMATS
from bnparity.judging.verdicts import TIGHT
from bnparity_reference import OUTPUTS

#: A hunt, or what became of a right kernel, as it came from the process that ran it.
Row = Mapping[str, Any]


def faults(rows: Sequence[Row]) -> list[str]:
    """Return a line for each fault, the longest of its hunts counting, and figures over all."""
    names = dict.fromkeys(row["fault"] for row in sorted(rows, key=_drawn))
    lines = [_line("fault", "cases", "seconds", "told as")]
    lines += [_fault(name, [row for row in rows if row["fault"] == name]) for name in names]
    found = [row for row in rows if row["cases"] is not None]
    lines += [f"{len(found)} of {len(rows)} hunts found their fault."]
    for title, figure in (("median", median), ("maximum", max)):
        if found:
            drawn, seconds = (figure([row[k] for row in found]) for k in ("cases", "seconds"))
            lines.append(_line(title, f"{drawn:g}", f"{seconds:.2f}", ""))
    return lines


def right(rows: Sequence[Row]) -> list[str]:
    """Return the worst ratio of each output in each format, and how many cases there were."""
    formats = [name for name in FORMATS if any(row["dtype"] == name for row in rows)]
    lines = ["".join(f"{text:>14}" for text in ("", *formats))]
    for output in OUTPUTS:
        worst = (_worst(rows, name, output) for name in formats)
        lines.append("".join((f"{output:>14}", *(f"{ratio:14.3g}" for ratio in worst))))
    cases, found = (sum(row[key] for row in rows) for key in ("cases", "findings"))
    styles = len({row["style"] for row in rows})
    return [
        f"worst ratio of error to bound; up to {TIGHT:g} is accurate",
        *lines,
        f"{cases} cases over {styles} right kernels: {found} false alarms.",
    ]


def _drawn(row: Row) -> float:
    return inf if row["cases"] is None else float(row["cases"])


def _fault(name: str, hunts: Sequence[Row]) -> str:
    if any(hunt["cases"] is None for hunt in hunts):
        return _line(name, "-", "-", "not found")
    codes = sorted({code for hunt in hunts for code in hunt["codes"]})
    drawn, seconds = (max(hunt[key] for hunt in hunts) for key in ("cases", "seconds"))
    return _line(name, f"{drawn}", f"{seconds:.2f}", ", ".join(codes))


def _worst(rows: Iterable[Row], dtype: str, output: str) -> float:
    ratios = [row["worst"].get(output, 0.0) for row in rows if row["dtype"] == dtype]
    return float(max(ratios))


def _line(name: str, drawn: str, seconds: str, told: str) -> str:
    return f"{name:<42}{drawn:>7}{seconds:>9}  {told}".rstrip()
