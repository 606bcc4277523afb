"""Charts are images with names and numbers beside them, whatever the backends are called."""

import sys
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from bnparity_reports.charts.draw import svg
from bnparity_reports.charts.lines import FLOOR, MOST_SERIES, growth_chart
from bnparity_reports.distribution import distribution
from bnparity_reports.growth import drawn, growth, over_conditioning, over_n, steps, table
from bnparity_reports.html import render

Document = dict[str, Any]

HOSTILE = (
    "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}&amp;\x00\x1b\u202e\uffff"
)


def points(*names: str) -> list[Document]:
    """Return two points of each backend, the later ones with larger errors."""
    return [
        {"backend": name, "output": "output", "n": n, "conditioning": 0.0, "error": place + n / 64}
        for place, name in enumerate(names)
        for n in (64, 4096)
    ]


@pytest.fixture
def graded(backend: Document, figures: Document) -> Document:
    """Return a backend with everything that is drawn."""
    measured = [
        {"n": n, "conditioning": c, "error": e, "scatter": 0.1}
        for n, c, e in ((64, 0.0, 0.0), (256, 0.0, 2.0), (4096, 10.0, 3.0), (4096, 100.0, None))
    ]
    accumulation = {"exponent": 0.5, "conditioning_exponent": 2.0, "points": measured}
    backend["outputs"] = {"output": {**figures, "grade": "serial", "accumulation": accumulation}}
    statistic = {"max_ulp": 2.0, "worst_share": 0.1, "path": [1.0, 2.0]}
    backend["drift"] = {"steps": 2, "statistics": {"running_mean": statistic}}
    return backend


def drawings(html: str) -> list[ET.Element]:
    """Return the drawings of a page."""
    parts = html.split('<svg xmlns="http://www.w3.org/2000/svg"')[1:]
    texts = ["<svg" + part.partition("</svg>")[0] + "</svg>" for part in parts]
    return [ET.fromstring(text) for text in texts]  # noqa: S314  # our own


def test_page_has_a_chart_of_everything_measured(graded: Document, results: Document) -> None:
    """Distribution, heat map, error over n, over conditioning, and drift are drawn."""
    found = drawings(render({**results, "backends": [graded]}))
    assert [drawing[0].text for drawing in found] == [
        "How the ratios of numpy are spread",
        "Where the ratios of numpy are worst",
        "Error against values per channel, n",
        "Error against conditioning, mean / std",
        "Drift of running statistics over steps",
    ]


def test_charts_are_images_with_names(graded: Document, results: Document) -> None:
    """Each has a title and a description, and no part has a role of its own."""
    for drawing in drawings(render({**results, "backends": [graded]})):
        assert drawing.get("role") == "img"
        assert [part.tag for part in drawing[:2]] == ["title", "desc"]
        assert not [part for part in drawing.iter() if part is not drawing and part.get("role")]


def test_charts_have_the_colours_of_the_page(graded: Document, results: Document) -> None:
    """No colour is fixed, so that a dark page has dark charts."""
    for drawing in drawings(render({**results, "backends": [graded]})):
        paints = {p for part in drawing.iter() for p in (part.get("fill"), part.get("stroke")) if p}
        fixed = {p for p in paints if not p.startswith("var(") and p not in ("none", "transparent")}
        assert fixed == set()


def test_hostile_names_stay_text(graded: Document, results: Document) -> None:
    """A name is text in every chart, and none stops the engine that draws."""
    graded["name"] = HOSTILE
    graded["cells"] = [{**cell, "mode": HOSTILE, "layout": HOSTILE} for cell in graded["cells"]]
    found = drawings(render({**results, "backends": [graded]}))
    tags = {part.tag for drawing in found for part in drawing.iter()}
    assert tags <= {"svg", "title", "desc", "g", "path", "text", "line", "tspan", "rect"}
    assert any("script" in (part.text or "") for drawing in found for part in drawing.iter("text"))


def test_exact_results_are_drawn_at_the_floor() -> None:
    """A logarithmic axis has no 0, and what is exact is not left out."""
    exact = [{**point, "error": 0.0} for point in points("a")]
    assert "<path" in growth_chart(exact, "n", "n")
    assert FLOOR > 0.0


def test_nothing_is_drawn_of_nothing() -> None:
    """A chart without points would say that there are none to see."""
    assert growth_chart([], "n", "n") == ""


def test_worst_backends_are_drawn_and_the_others_named() -> None:
    """As many as can be told apart are drawn, those with the largest errors."""
    names = [f"b{number}" for number in range(MOST_SERIES + 2)]
    shown, left_out = drawn(points(*names), "error")
    assert {point["backend"] for point in shown} == set(names[2:])
    assert left_out == names[:2]


def test_points_are_told_apart_by_what_varies(graded: Document) -> None:
    """What cannot be drawn on a logarithmic axis is left out of the chart."""
    found = growth([(graded, "numpy")])
    assert [point["n"] for point in over_n(found)] == [64, 256]
    assert [point["conditioning"] for point in over_conditioning(found)] == [10.0]


def test_numbers_are_beside_the_chart() -> None:
    """The table has a column for each abscissa, and a gap where nothing was measured."""
    shown = table([*points("a"), *points("b")[:1]], "n")
    assert shown["columns"] == ["64", "4,096"]
    assert shown["rows"] == [("a", "output", ["1", "64"]), ("b", "output", ["1", ""])]


def test_steps_are_those_of_the_drift(graded: Document) -> None:
    """Each step that trains is a point; results without a path have none."""
    found = steps([(graded, "numpy")])
    assert [(point["step"], point["ulp"]) for point in found] == [(1, 1.0), (2, 2.0)]
    del graded["drift"]["statistics"]["running_mean"]["path"]
    assert steps([(graded, "numpy")]) == []


def test_what_the_gate_let_through_is_told_apart(backend: Document, figures: Document) -> None:
    """Beyond the tight line, loose and failed checks share a column and not a colour."""
    wide = {**figures, "checks": 6, "histogram": {"-0.5": 1, "3": 5}, "failed": {"3": 2}}
    backend["outputs"] = {"output": wide}
    (row,) = distribution(backend)
    counts = {word: sum(columns) for word, columns in row["by_verdict"].items()}
    assert counts == {"pass": 1, "loose": 3, "fail": 2}


def test_description_is_told() -> None:
    """Whoever does not see a chart hears what is in it."""
    drawn_ = svg({"mark": "point", "data": {"values": []}}, title="<T>", description="a & b")
    assert "<title>&lt;T&gt;</title><desc>a &amp; b</desc>" in drawn_


def test_chart_is_told_in_words_where_nothing_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What draws is an extra: without it there are the words, and how to have the picture."""
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    shown = svg({}, title=HOSTILE, description="It rises.")
    assert "It rises." in shown
    assert "bnparity[charts]" in shown
    assert "<script>" not in shown
