"""Ratios drawn: how they are spread for each output, and where they are worst."""

import json
from collections.abc import Sequence

from markupsafe import Markup

from bnparity_reports.charts.draw import VERDICT_COLOURS, Spec, svg
from bnparity_reports.figures import OUTPUTS, ratio, shortened, verdict
from bnparity_reports.view import View

#: The worst ratios of cells in steps, each with its upper end; beyond the last there is one more.
_STEPS = {"up to 1": 1.0, "up to 4": 4.0, "up to 64": 64.0, "up to 4096": 4096.0}
_BEYOND = "above 4096"
_STEP_COLOURS = [f"var(--heat-{number})" for number in range(1, 6)]


def distribution_chart(
    rows: Sequence[View], headings: Sequence[tuple[str, bool]], name: str
) -> Markup:
    """Return the distributions of a backend's ratios, one above the other.

    Parameters
    ----------
    rows
        Of `bnparity_reports.distribution.distribution`.
    headings
        Of the columns, each with whether it is beyond the tight line.
    name
        Of the backend.
    """
    values = [
        {"output": row["output"], "ratio": place, "verdict": word, "share": count / row["total"]}
        for row in rows
        for word, counts in row["by_verdict"].items()
        for place, count in enumerate(counts)
        if count
    ]
    if not values:
        return Markup()
    spec: Spec = {
        "data": {"values": values},
        "facet": {"row": {"field": "output", "sort": list(OUTPUTS), "title": None,
                          "header": {"labelAngle": 0, "labelAlign": "left"}}},
        "spacing": 6,
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"width": 400, "height": 34, "layer": [_bars(headings), _tight_line(headings)]},
    }  # fmt: skip
    return svg(
        spec,
        title=f"How the ratios of {shortened(name)} are spread",
        description="For each output the share of its checks by ratio. The dashed line is the tight"
        " line, a ratio of 4; beyond it, loose is what the any-order gate let through. Each row has"
        " its own scale.",
    )


def _bars(headings: Sequence[tuple[str, bool]]) -> Spec:
    """Return a bar for each column, as high as its share of the checks."""
    labels = f"{json.dumps([heading for heading, _ in headings])}[datum.value]"
    x: Spec = {
        "field": "ratio",
        "type": "quantitative",
        "scale": {"domain": [-0.5, len(headings) - 0.5], "nice": False},
        "axis": {"values": list(range(len(headings))), "labelExpr": labels, "grid": False},
        "title": "ratio of error to bound, from",
    }
    y: Spec = {"field": "share", "type": "quantitative", "axis": None}
    encoding: Spec = {"x": x, "y": y, "color": _verdict_colour()}
    return {"mark": {"type": "bar", "size": 22}, "encoding": encoding}


def _tight_line(headings: Sequence[tuple[str, bool]]) -> Spec:
    """Return a dashed line between what is accurate and what is beyond."""
    tight = sum(not beyond for _, beyond in headings)
    return {
        "mark": {"type": "rule", "color": "var(--ink)", "strokeDash": [4, 3]},
        "encoding": {"x": {"datum": tight - 0.5}},
    }


def heat_map(cells: Sequence[View], name: str) -> Markup:
    """Return the worst ratios of a backend by mode and dtype, layout and rank.

    Parameters
    ----------
    cells
        As the results have them, or `bnparity_reports.cells.folded`.
    name
        Of the backend.
    """
    values = [_place(cell) for cell in cells if cell["outputs"]]
    if not values:
        return Markup()
    columns, rows = ({value[axis]: None for value in values} for axis in ("column", "row"))
    spec: Spec = {
        "data": {"values": values},
        # Fonts that the browser has may be wider than the one that the labels were measured in.
        "padding": {"left": 36, "right": 24, "top": 4, "bottom": 8},
        "width": {"step": 24 if len(columns) > 10 else 44},
        "height": {"step": 20},
        "encoding": {
            "x": {"field": "column", "type": "nominal", "title": "layout and rank",
                  "sort": sorted(columns), "axis": {"labelAngle": -60, "labelLimit": 160}},
            "y": {"field": "row", "type": "nominal", "title": None, "sort": sorted(rows),
                  "axis": {"labelLimit": 220}},
        },
        "layer": [
            {"mark": {"type": "rect", "stroke": "var(--paper)"}, "encoding": {"color": {
                "field": "step", "type": "ordinal", "title": "worst ratio",
                "scale": {"domain": [*_STEPS, _BEYOND], "range": _STEP_COLOURS}}}},
            {"mark": {"type": "text", "fontSize": 9, "fill": "var(--on-heat)"},
             "encoding": {"text": {"field": "mark"}}},
        ],
    }  # fmt: skip
    return svg(
        spec,
        title=f"Where the ratios of {shortened(name)} are worst",
        description="The worst ratio over all outputs by mode and dtype, layout and rank; L marks"
        " what is loose, F what failed.",
    )


def _place(cell: View) -> View:
    worst = max(figures["worst_ratio"] for figures in cell["outputs"].values())
    verdicts = {verdict(figures) for figures in cell["outputs"].values()}
    rank = "" if cell["rank"] is None else f" {cell['rank']}d"
    layout = "" if cell["layout"] is None else shortened(cell["layout"], 24)
    step = next((text for text, end in _STEPS.items() if worst <= end), _BEYOND)
    return {
        "row": f"{shortened(cell['mode'], 24)}, {shortened(cell['dtype'], 24)}",
        "column": f"{layout}{rank}" or "every layout",
        "step": step,
        "mark": "F" if "fail" in verdicts else "L" if "loose" in verdicts else "",
        "ratio": ratio(worst),
    }


def _verdict_colour() -> Spec:
    scale = {"domain": list(VERDICT_COLOURS), "range": list(VERDICT_COLOURS.values())}
    return {"field": "verdict", "type": "nominal", "scale": scale, "title": None,
            "legend": {"orient": "top"}}  # fmt: skip
