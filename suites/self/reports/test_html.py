import re
import subprocess
import sys
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from bnparity_reports.html import again, render
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from paging import Page

Document = dict[str, Any]


def matrix(html: str) -> list[list[tuple[str, str]]]:
    """Return class and text of the matrix's cells, by row."""
    table = html[html.index('<table class="matrix') : html.index("</table>")]
    cells = [
        re.findall(r'<td role="cell" class="([^"]*)"[^>]*>(.*?)<a class="anchor"', row, re.DOTALL)
        for row in table.split("<tr")[2:]
    ]
    return [[(name, " ".join(Page(html).text.split())) for name, html in row] for row in cells]


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_valid_document_becomes_a_page(
    documents: st.SearchStrategy[Document], data: st.DataObject
) -> None:
    """Whatever the schema allows can be written as a page."""
    render(data.draw(documents)).encode()


def test_drift_is_on_the_page(results: Document) -> None:
    """The figures of a backend have a line for how its layers' statistics drift."""
    assert "step after step" not in render(results)
    measured = {"running_var": {"max_ulp": 2.5, "worst_share": 0.25}}
    results["backends"][0]["drift"] = {"steps": 100, "statistics": measured}
    assert "over 100 steps running_var drifts by up to 2.5 ulp" in Page(render(results)).text


def test_session_without_backends_becomes_a_page(results: Document) -> None:
    """A session that judged nothing says that nothing is known."""
    page = Page(render({**results, "backends": []}))
    assert "No backend was judged in this run" in page.text


def test_sums_have_a_column_where_they_are_known(results: Document, figures: Document) -> None:
    """The figures of an output say how its sums seem to be taken, and how errors grow."""
    heading = '<th scope="col">Sums</th>'
    assert heading not in render(results)
    grown = {"exponent": 0.483, "conditioning_exponent": 0.0, "points": []}
    results["backends"][0]["outputs"]["output"] = {
        **figures,
        "grade": "serial",
        "accumulation": grown,
    }
    html = render(results)
    assert heading in html
    assert "serial, n^0.48" in Page(html).text


def test_every_finding_has_an_anchor(
    results: Document, backend: Document, finding: Document
) -> None:
    """Each finding can be linked to, also where two backends share one."""
    backends = [{**backend, "name": name, "findings": [finding] * 2} for name in ("a", "a", "b")]
    page = Page(render({**results, "backends": backends}))
    anchors = [attrs["id"] for tag, attrs in page.elements if tag == "article"]
    assert len(set(anchors)) == 6


def test_anchor_survives_another_backend(
    results: Document, backend: Document, finding: Document
) -> None:
    """A link to a finding keeps its target when the session has one more backend."""
    kernel = {**backend, "name": "kernel.py:bn", "findings": [finding]}
    other = {**backend, "findings": [finding]}
    html = render({**results, "backends": [other, kernel]})
    assert 'id="finding-kernel-py-bn-924e4298a0"' in html


def test_links_lead_somewhere(results: Document, finding: Document) -> None:
    """Every link within the page has its target, and no two targets share a name."""
    results["backends"][0]["findings"] = [finding]
    page = Page(render(results))
    ids = page.values("id")
    links = {link.removeprefix("#") for link in page.values("href") if link.startswith("#")}
    assert links <= set(ids)
    assert len(ids) == len(set(ids))


def test_matrix_has_verdicts_in_words(
    results: Document, backend: Document, figures: Document
) -> None:
    """A cell of the matrix names its verdict and its worst ratio, beside its colour."""
    backend["outputs"] = {
        "output": figures,
        "running_mean": {**figures, "worst_ratio": 90.4, "verdicts": {"loose": 4}},
        "running_var": {**figures, "worst_ratio": 1e9, "verdicts": {"fail": 4}},
    }
    assert matrix(render(results)) == [
        [
            ("pass", "pass 0.75"),
            ("loose", "loose 90.4"),
            ("fail", "fail 1.0e+09"),
            *[("not-checked", "not checked")] * 3,
        ]
    ]


def test_unavailable_backend_is_in_the_matrix(results: Document, backend: Document) -> None:
    """A backend that could not be asked has a row, in which nothing was checked."""
    backend.update(status="unavailable", reason="no such module", outputs={}, cells=[], cases=0)
    assert matrix(render(results)) == [[("not-checked", "not checked")] * 6]


@pytest.mark.parametrize(
    "shown",
    [
        "924e4298a0",
        "momentum=old",
        "running_mean: computed with momentum=old, but torch has momentum=new",
        "45 cases",
        "7.2e+06",
        "[2, 1]",
        "recipe.scale",
        "bnparity replay findings/kernel-924e4298a0",
        "python findings/kernel-924e4298a0/repro.py",
    ],
)
def test_finding_is_told_whole(results: Document, finding: Document, shown: str) -> None:
    """A finding shows its codes, its words, its smallest case and how to replay it."""
    results["backends"][0]["findings"] = [finding]
    assert shown in Page(render(results)).text


def test_replay_can_be_pasted(results: Document, finding: Document) -> None:
    """A path with blanks is one word of the shell's in the command to copy."""
    results["backends"][0]["findings"] = [{**finding, "repro": "my findings/a/repro.py"}]
    shown = Page(render(results)).text
    assert "bnparity replay 'my findings/a'" in shown
    assert "python 'my findings/a/repro.py'" in shown


def test_environment_has_everything_of_the_run(results: Document) -> None:
    """Whatever the results say of the run is on the page."""
    results["run"]["host"] = "somewhere"
    text = Page(render(results)).text
    absent = [value for value in results["run"].values() if str(value) not in text]
    assert absent == []


@pytest.mark.parametrize(
    ("command", "repeated"),
    [
        ("bnparity run torch", "bnparity run torch --seed 17"),
        ("bnparity run --seed 17", "bnparity run --seed 17"),
        ("make parity", "make parity"),
    ],
)
def test_run_can_be_made_again(results: Document, command: str, repeated: str) -> None:
    """The command that repeats a run has its seed, whether or not it was typed."""
    assert again({**results["run"], "command": command}) == repeated


def test_headings_go_down_one_level_at_a_time(results: Document, finding: Document) -> None:
    """The outline of the page has no gaps, so that it can be walked by ear."""
    results["backends"][0]["findings"] = [finding]
    tags = [tag for tag, _ in Page(render(results)).elements]
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_colours_have_contrast() -> None:
    """Every ink on its ground has the contrast of WCAG AA, in light and in dark."""
    css = files("bnparity_reports").joinpath("page.css").read_text()
    for block in re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]:
        colours = dict(re.findall(r"--([\w-]+): (#\w+)", block))
        verdicts = [(name.removesuffix("-ink"), name) for name in colours if name.endswith("-ink")]
        text = [(g, ink) for g in ("paper", "raised") for ink in ("ink", "quiet", "link")]
        heat = [(name, "on-heat") for name in colours if re.fullmatch(r"heat-\d", name)]
        assert len(heat) == 5
        low = [
            pair for pair in verdicts + text + heat if _contrast(*(colours[c] for c in pair)) < 4.5
        ]
        assert low == []


def test_reports_know_nothing_of_the_harness() -> None:
    """The reports can be imported without importing the harness."""
    program = (
        "import sys, bnparity_reports.html, bnparity_reports.table; "
        "sys.exit('bnparity' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def _contrast(ground: str, ink: str) -> float:
    dark, light = sorted(map(_luminance, (ground, ink)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    """Return the relative luminance that WCAG defines."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
