"""Errors drawn over what they grow with: values per channel, conditioning, steps."""

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from bnparity_reports.charts.draw import SERIES_COLOURS, SHAPES, Spec, svg
from bnparity_reports.figures import OUTPUTS

View = dict[str, Any]

#: As many series as have a colour and a shape of their own.
MOST_SERIES = len(SERIES_COLOURS)

#: Where a logarithmic axis shows what is exact.
FLOOR = 1e-3


def growth_chart(points: Sequence[View], over: str, label: str) -> Markup:
    """Return errors over n or over conditioning, both logarithmic: a power is a slope.

    Parameters
    ----------
    points
        With ``backend``, ``output``, ``error`` and what it is drawn over.
    over, label
        Which field that is, and what it is called.
    """
    if not points:
        return Markup()
    values = [{**point, "error": max(point["error"], FLOOR)} for point in points]
    x = {"field": over, "type": "quantitative", "scale": {"type": "log"}, "title": label}
    x["axis"] = {"format": "~s", "tickCount": 5}
    y = {"field": "error", "type": "quantitative", "scale": {"type": "log"}, "title": "error"}
    y["axis"] = {"format": ".0e", "tickCount": 5}
    return svg(
        _faceted(
            values, "output", [name for name in OUTPUTS if _has(values, "output", name)], x, y
        ),
        title=f"Error against {label}",
        description=f"Errors of sums, in units of roundoff times the sum of magnitudes, against"
        f" {label}; both axes are logarithmic, so that a power is a slope.",
    )


def drift_chart(points: Sequence[View]) -> Markup:
    """Return how far running statistics are from exact after each step that trains."""
    if not points:
        return Markup()
    x = {"field": "step", "type": "quantitative", "title": "training step"}
    y = {"field": "ulp", "type": "quantitative", "title": "drift in ulp"}
    names = [name for name in OUTPUTS if _has(points, "output", name)]
    return svg(
        _faceted(points, "output", names, x, y, points=False),
        title="Drift of running statistics over steps",
        description="Distance of each layer's running statistics from float64 arithmetic, in units"
        " in the last place, after each training step.",
    )


def _faceted(
    values: Iterable[View], by: str, order: Sequence[str], x: Spec, y: Spec, *, points: bool = True
) -> Spec:
    rows = list(values)
    names = list(dict.fromkeys(row["backend"] for row in rows))
    colour: Spec = {"field": "backend", "type": "nominal", "title": None}
    colour["scale"] = {"domain": names, "range": SERIES_COLOURS[: len(names)]}
    colour["legend"] = {"orient": "top", "columns": 3, "columnPadding": 40, "labelLimit": 240}
    encoding: Spec = {"x": x, "y": y, "color": colour}
    shape = {**colour, "scale": {"domain": names, "range": list(SHAPES[: len(names)])}}
    layers: list[Spec] = [{"mark": {"type": "line", "strokeWidth": 1.5}, "encoding": encoding}]
    if points:
        mark = {"type": "point", "filled": True, "size": 32}
        layers.append({"mark": mark, "encoding": {**encoding, "shape": shape}})
    else:
        dash = {**colour, "scale": {"domain": names, "range": _DASHES[: len(names)]}}
        layers[0]["encoding"] = {**encoding, "strokeDash": dash}
    return {
        "data": {"values": rows},
        "facet": {"field": by, "type": "nominal", "sort": list(order), "title": None},
        "columns": 3,
        "spec": {"width": 200, "height": 130, "layer": layers},
    }


#: Lines without points differ by these.
_DASHES = [[1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3], [10, 3], [6, 2, 1, 2]]


def _has(rows: Iterable[View], field: str, value: str) -> bool:
    return any(row[field] == value for row in rows)
