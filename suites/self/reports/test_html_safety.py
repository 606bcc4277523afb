"""What a page makes of hostile text, and what it forbids itself."""

import base64
import hashlib
import re
from typing import Any

from bnparity_reports.html import render
from paging import Page

Document = dict[str, Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}&amp;"


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


def test_page_forbids_what_it_does_not_need(results: Document) -> None:
    """The browser is told to load nothing, and to run what is in the page by its hash alone."""
    html = render(results)
    (policy,) = (c for c in Page(html).values("content") if c.startswith("default-src 'none'"))
    assert "unsafe" not in policy
    for tag in ("style", "script"):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
