"""How the ratios of an output are spread: a histogram in few enough columns to read.

The results count ratios in bins of half an octave. Around the tight line the columns are octaves;
far from it they are wider, since there only the order of magnitude matters.
"""

import math
from bisect import bisect_right

from bnparity_reports.figures import TIGHT, checked, verdict
from bnparity_reports.view import View

#: Heading of a column, and the log2 of the smallest ratio in it. In the results' bins -64 stands
#: for a ratio of 0, so the first column holds the zeros.
_COLUMNS = (
    ("0", -math.inf),
    ("> 0", -63.0),
    ("1/64", -6.0),
    ("1/32", -5.0),
    ("1/16", -4.0),
    ("1/8", -3.0),
    ("1/4", -2.0),
    ("1/2", -1.0),
    ("1", 0.0),
    ("2", 1.0),
    ("4", 2.0),
    ("8", 3.0),
    ("64", 6.0),
    ("4096", 12.0),
)
_EDGES = [edge for _, edge in _COLUMNS]

#: The columns, and whether what is in them is beyond the tight line.
HEADINGS = [(heading, edge >= math.log2(TIGHT)) for heading, edge in _COLUMNS]


def distribution(backend: View) -> list[View]:
    """Return a row for each output that was checked: counts by column, and those by verdict."""
    return [_row(name, figures) for name, figures in checked(backend).items()]


def _row(output: str, figures: View) -> View:
    row = counts(figures["histogram"])
    total = max(sum(row), 1)
    failed = counts(figures["failed"]) if "failed" in figures else _all_or_none(row, figures)
    by_verdict = {
        "pass": [0 if beyond else n for n, (_, beyond) in zip(row, HEADINGS, strict=True)],
        "loose": [
            max(n - bad, 0) if beyond else 0
            for n, bad, (_, beyond) in zip(row, failed, HEADINGS, strict=True)
        ],
        "fail": [bad if beyond else 0 for bad, (_, beyond) in zip(failed, HEADINGS, strict=True)],
    }
    shares = [(count, count / total) for count in row]
    return {"output": output, "total": total, "counts": shares, "by_verdict": by_verdict}


def _all_or_none(row: list[int], figures: View) -> list[int]:
    """Return what failed by the verdict on the whole, where results do not tell it by ratio."""
    return row if verdict(figures) == "fail" else [0] * len(row)


def counts(histogram: dict[str, int]) -> list[int]:
    """Return the counts of a histogram by column; a bin whose key is no number has none."""
    columns = [0] * len(_COLUMNS)
    for key, count in histogram.items():
        edge = _number(key)
        if not math.isnan(edge):
            columns[bisect_right(_EDGES, edge) - 1] += int(count)
    return columns


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
