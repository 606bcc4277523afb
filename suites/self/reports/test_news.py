"""News and known findings in the reports: counted, and read alike from old results."""

from typing import Any

import pytest
from bnparity_reports import html, junit, markdown, table
from bnparity_reports.news import headline, stand
from markdown_it import MarkdownIt

Document = dict[str, Any]

NEWS: Document = {"baseline": None, "known": "known.toml", "comparison": None, "problems": []}
HOSTILE = "<script>alert(1)</script> `x` [a](b:c)\n::error::\x1b[2J"


@pytest.fixture
def known(results: Document, finding: Document) -> Document:
    """Return results of which one finding is known, and one is not."""
    findings = [{**finding, "known": "by design"}, {**finding, "id": "2", "known": None}]
    results["backends"][0].update(status="fail", findings=findings)
    return {**results, "news": NEWS}


def test_results_without_news_have_no_headline(results: Document, finding: Document) -> None:
    """Every finding of older results is news, and nothing is said to be known."""
    results["backends"][0]["findings"] = [finding]
    assert headline(results) == ""
    assert "### 1 finding\n" in markdown.render(results)


def test_new_and_known_findings_are_told_apart(known: Document) -> None:
    """Each is counted, and what is news comes first."""
    assert headline(known) == "1 new finding; 1 known finding stands"
    text = markdown.render(known)
    assert text.index("1 new finding") < text.index("### 1 known finding")


def test_sentence_says_how_many_are_known(known: Document) -> None:
    """Terminal and page have the same clause."""
    told = "2 findings, 1 of them known"
    assert told in " ".join(table.render(known, width=100, colour=False).split())
    assert told in html.render(known)


def test_output_with_a_new_and_a_known_finding_fails(known: Document) -> None:
    """The known one is told in the failure."""
    text = junit.render(known)
    assert 'failures="1"' in text
    assert "known (by design)" in text


def test_reason_is_text_in_every_report(known: Document) -> None:
    """A reason is somebody's words: no markup, and nothing that steers a terminal."""
    known["backends"][0]["findings"][0]["known"] = HOSTILE
    assert "<script>alert(1)" not in html.render(known)
    assert "\x1b" not in table.render(known, width=100, colour=False)
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown.render(known))
    inline = [child for token in tokens for child in token.children or []]
    assert "script" not in "".join(child.content for child in inline if child.type == "text")


def test_text_fits_a_narrow_terminal(known: Document) -> None:
    """Known findings and the headline are wrapped like the rest; commands are not."""
    lines = table.render(known, width=60, colour=False).splitlines()
    assert all(len(line) <= 60 for line in lines if ":    " not in line and "replay:" not in line)


def test_one_stands_and_two_stand() -> None:
    """The verb follows the number."""
    assert stand(1, "finding") == "1 finding stands"
    assert stand(2, "finding") == "2 findings stand"
