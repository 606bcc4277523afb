"""Errors over what they grow with, as points to draw and as rows to read."""

from collections.abc import Iterable, Iterator, Sequence

from bnparity_reports.charts.lines import MOST_SERIES
from bnparity_reports.figures import OUTPUTS, checked, ratio, shortened
from bnparity_reports.view import View

Named = Sequence[tuple[View, str]]


def growth(named: Named) -> list[View]:
    """Return every measured point: backend, output, n, conditioning and error."""
    return [
        {
            "backend": shortened(name, 40),
            "output": output,
            "n": float(min(point["n"], _LARGEST)),
            "conditioning": point["conditioning"],
            "error": point["error"],
        }
        for backend, name in named
        for output, figures in checked(backend).items()
        for point in figures.get("accumulation", {}).get("points", [])
    ]


def over_n(points: Iterable[View]) -> list[View]:
    """Return the points that differ in n alone, those whose errors can be drawn."""
    return [
        p for p in points if not p["conditioning"] and 0 < p["n"] < _MOST and _drawable(p["error"])
    ]


def over_conditioning(points: Iterable[View]) -> list[View]:
    """Return the points that differ in mean / standard deviation alone, drawable ones."""
    return [p for p in points if _LEAST < p["conditioning"] < _MOST and _drawable(p["error"])]


def steps(named: Named) -> list[View]:
    """Return the drift of each running statistic of each backend after each step."""
    return [
        {"backend": shortened(name, 40), "output": statistic, "step": step, "ulp": ulp}
        for backend, name in named
        for statistic, found in backend.get("drift", {}).get("statistics", {}).items()
        for step, ulp in enumerate(found.get("path", []), start=1)
        if _drawable(ulp)
    ]


#: What can be drawn; beyond it, an error is no distance but a NaN or an infinity.
_LEAST, _MOST = 1e-30, 1e30
#: JSON has larger integers than a double can hold.
_LARGEST = 10**300


def _drawable(error: float | None) -> bool:
    return error is not None and error < _MOST


def drawn(points: Sequence[View], by: str) -> tuple[list[View], list[str]]:
    """Return the points of as many backends as can be told apart, and the names of the others.

    Those with the largest values of the field `by` are the ones that are drawn.
    """
    worst: dict[str, float] = {}
    for point in points:
        worst[point["backend"]] = max(worst.get(point["backend"], 0.0), point[by])
    ranked = sorted(worst, key=lambda name: -worst[name])
    kept = set(ranked[:MOST_SERIES])
    return [p for p in points if p["backend"] in kept], [n for n in worst if n not in kept]


def table(points: Sequence[View], over: str) -> View:
    """Return points as a table: a row for each backend and output, a column for each abscissa."""
    columns = sorted({point[over] for point in points})
    rows: dict[tuple[str, str], dict[float, float]] = {}
    for point in points:
        rows.setdefault((point["backend"], point["output"]), {})[point[over]] = point["error"]
    return {
        "columns": [f"{column:,.0f}" for column in columns],
        "rows": [
            (*place, [ratio(found.get(column)) for column in columns])
            for place, found in rows.items()
        ],
    }


def drifts(named: Named) -> Iterator[tuple[str, str, str, str]]:
    """Yield backend, statistic, largest drift in ulp and share of what is allowed."""
    for backend, name in named:
        found = backend.get("drift", {}).get("statistics", {})
        for statistic in OUTPUTS:
            if statistic in found:
                figures = found[statistic]
                worst = ratio(figures["max_ulp"]), ratio(figures["worst_share"])
                yield (shortened(name, 40), statistic, *worst)
