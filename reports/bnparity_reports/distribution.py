"""How the ratios of an output are spread: a histogram in few enough columns to read.

The results count ratios in bins of half an octave. Around the tight line the columns are octaves;
far from it they are wider, since there only the order of magnitude matters.
"""

import math
from bisect import bisect_right
from typing import Any

from bnparity_reports.figures import TIGHT, checked

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


def distribution(backend: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each output that was checked: counts by column, each with its share."""
    rows = {name: counts(figures["histogram"]) for name, figures in checked(backend).items()}
    return [
        {"output": name, "counts": [(count, count / max(sum(row), 1)) for count in row]}
        for name, row in rows.items()
    ]


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
