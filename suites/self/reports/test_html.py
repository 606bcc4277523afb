import base64
import hashlib
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from itertools import pairwise
from typing import Any

import pytest
from bnparity_reports.html import again, render
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Document = dict[str, Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}&amp;"


class Page(HTMLParser):
    """A page taken apart: its elements with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.pieces: list[tuple[str, str]] = []
        self._open = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep an element."""
        self.elements.append((tag, dict(attrs)))
        self._open = tag

    def handle_data(self, data: str) -> None:
        """Keep a piece of text."""
        if self._open not in ("script", "style"):
            self.text += data
            self.pieces.append((self._open, data))

    def values(self, attribute: str) -> list[str]:
        """Return the values of an attribute, wherever it is."""
        return [value for _, attrs in self.elements if (value := attrs.get(attribute))]


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


def test_hostile_text_stays_text(results: Document, backend: Document, finding: Document) -> None:
    """Markup in any text of the results adds no element to the page."""
    backend.update(
        dict.fromkeys(("name", "version", "device", "dialect", "interpreter", "reason"), HOSTILE),
        unsupported={HOSTILE: 1},
        findings=[
            {
                **finding,
                **dict.fromkeys(("id", "output", "text", "repro"), HOSTILE),
                "codes": [HOSTILE],
                "case": {HOSTILE: HOSTILE},
            }
        ],
    )
    results["run"] = dict.fromkeys(results["run"], HOSTILE)
    elements = Page(render(results)).elements
    assert [attrs for tag, attrs in elements if tag == "script"] == [{}]
    assert not [
        (tag, attrs)
        for tag, attrs in elements
        if tag == "img" or any(name.startswith("on") for name in attrs)
    ]


def test_hostile_text_is_shown_as_it_is(results: Document, finding: Document) -> None:
    """Markup in a text is read by people as it was written."""
    results["backends"][0]["findings"] = [{**finding, "text": HOSTILE}]
    assert HOSTILE in Page(render(results)).text


def test_half_of_a_surrogate_pair_can_be_written(results: Document) -> None:
    """Text that JSON can carry and UTF-8 cannot does not keep the page from being written."""
    results["backends"][0]["name"] = "\ud83d"
    assert render(results).encode()


def test_names_are_isolated(results: Document) -> None:
    """A name in a script from right to left does not turn around the sentence that it is in."""
    results["backends"][0]["name"] = "\u202e\u05e9\u05dc\u05d5\u05dd"
    pieces = Page(render(results)).pieces
    inside = [tag for tag, text in pieces if "\u202e" in text]
    assert set(inside) == {"bdi", "option"}


def test_long_name_leaves_room_for_the_rest(results: Document) -> None:
    """A name of any length is whole in one place alone, so that it cannot fill the page."""
    results["backends"][0]["name"] = "x" * 10_000
    assert render(results).count("x" * 100) == 100


def test_page_loads_and_runs_nothing(results: Document, finding: Document) -> None:
    """The page is one file: it refers to nothing beyond itself."""
    results["backends"][0]["findings"] = [finding]
    html = render(results).replace('xmlns="http://www.w3.org/2000/svg"', "")
    loaded = re.findall(
        r"https?:|@import|url\(|src=|xlink|<link(?! rel=\"icon\" href=\"data:,)", html
    )
    assert loaded == []


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


def test_page_forbids_what_it_does_not_need(results: Document) -> None:
    """The browser is told to load nothing, and to run what is in the page by its hash alone."""
    html = render(results)
    (policy,) = (c for c in Page(html).values("content") if c.startswith("default-src 'none'"))
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


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
