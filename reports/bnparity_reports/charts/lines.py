"""Errors drawn over what they grow with: values per channel, conditioning, steps."""

from collections.abc import Sequence

from markupsafe import Markup

from bnparity_reports.charts.draw import SERIES_COLOURS, SHAPES, Spec, svg
from bnparity_reports.figures import OUTPUTS
from bnparity_reports.view import View

#: As many series as have a colour and a shape of their own.
MOST_SERIES = len(SERIES_COLOURS)

#: Where a logarithmic axis shows what is exact.
FLOOR = 1e-3

#: Lines without points differ by these.
_DASHES = [[1, 0], [6, 2], [2, 2], [8, 2, 2, 2], [4, 4], [1, 3], [10, 3], [6, 2, 1, 2]]


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
        _by_output(values, x, y),
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
    return svg(
        _by_output(points, x, y, marked=False),
        title="Drift of running statistics over steps",
        description="Distance of each layer's running statistics from float64 arithmetic, in units"
        " in the last place, after each training step.",
    )


def _by_output(points: Sequence[View], x: Spec, y: Spec, *, marked: bool = True) -> Spec:
    """Return a drawing for each output, a line for each backend, its points `marked` or not."""
    names = list(dict.fromkeys(point["backend"] for point in points))
    outputs = {point["output"] for point in points}
    colour: Spec = {"field": "backend", "type": "nominal", "title": None}
    colour["scale"] = {"domain": names, "range": SERIES_COLOURS[: len(names)]}
    colour["legend"] = {"orient": "top", "columns": 3, "columnPadding": 40, "labelLimit": 240}
    encoding: Spec = {"x": x, "y": y, "color": colour}
    shape = {**colour, "scale": {"domain": names, "range": list(SHAPES[: len(names)])}}
    layers: list[Spec] = [{"mark": {"type": "line", "strokeWidth": 1.5}, "encoding": encoding}]
    if marked:
        mark = {"type": "point", "filled": True, "size": 32}
        layers.append({"mark": mark, "encoding": {**encoding, "shape": shape}})
    else:
        dash = {**colour, "scale": {"domain": names, "range": _DASHES[: len(names)]}}
        layers[0]["encoding"] = {**encoding, "strokeDash": dash}
    order = [name for name in OUTPUTS if name in outputs]
    return {
        "data": {"values": list(points)},
        "facet": {"field": "output", "type": "nominal", "sort": order, "title": None},
        "columns": 3,
        "spec": {"width": 200, "height": 130, "layer": layers},
    }
