"""Claims in the reports: told once each, the news first, and no text of theirs is markup."""

from typing import Any

import pytest
from bnparity_reports.claims import documented
from bnparity_reports.html import render
from bnparity_reports.table import render as as_text

Document = dict[str, Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


@pytest.fixture
def claim() -> Document:
    """Return a claim that differs."""
    return {
        "id": "2d-torch-learning",
        "api": "torch",
        "statement": "this is the inference status and does not learn weight and bias",
        "title": "Differences with torch.nn.BatchNorm2d",
        "language": "English",
        "version": "MindSpore master, PyTorch 1.8.1",
        "address": "https://example.org/BatchNorm2d.md",
        "verdict": "differs",
        "evidence": "backward gives grad_weight up to 8.25",
    }


def test_news_come_first(backend: Document, claim: Document) -> None:
    """Claims that differ come before those not checked, and those that hold come last."""
    verdicts = ("holds", "not checked", "differs")
    backend["claims"] = [{**claim, "id": v, "verdict": v} for v in verdicts]
    blocks = [block["verdict"] for block in documented([(backend, "torch")])]
    assert blocks == ["differs", "not checked", "holds"]


def test_claim_is_told_once(backend: Document, claim: Document) -> None:
    """Backends share a claim's row, and those of which the same was measured share a line."""
    other = {**claim, "verdict": "holds"}
    named = [
        ({**backend, "claims": [one]}, name)
        for one, name in ((claim, "a"), (other, "b"), (claim, "c"))
    ]
    (block,) = documented(named)
    (row,) = block["claims"]
    assert block["verdict"] == "differs"
    assert [line["names"] for line in row["measured"]] == [["a", "c"], ["b"]]


@pytest.mark.parametrize(
    "shown", ["does not learn weight and bias", "PyTorch 1.8.1", "grad_weight up to 8.25"]
)
def test_page_tells_claim_source_and_evidence(
    results: Document, claim: Document, shown: str
) -> None:
    """A claim is shown with its words, its document, and what was measured."""
    results["backends"][0]["claims"] = [claim]
    html = render(results)
    assert shown in html
    assert 'href="https://example.org/BatchNorm2d.md"' in html


def test_claims_are_folded_below_the_charts(results: Document, claim: Document) -> None:
    """Even those that differ: they are about documents, and many."""
    results["backends"][0]["claims"] = [claim]
    html = render(results)
    assert html.index('id="accuracy"') < html.index('id="documented"')
    assert '<details class="claims">' in html


def test_page_without_claims_has_no_section(results: Document) -> None:
    """Where no claim was measured, nothing is said of documents."""
    assert 'id="documented"' not in render(results)


def test_hostile_claims_stay_text(results: Document, claim: Document) -> None:
    """Markup in any text of a claim adds no element to the page."""
    hostile = {key: text if key == "verdict" else HOSTILE for key, text in claim.items()}
    results["backends"][0]["claims"] = [hostile]
    html = render(results)
    assert html.count("<script") == 1
    assert "<img" not in html


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "", "http://x"])
def test_nothing_but_a_page_is_linked_to(results: Document, claim: Document, address: str) -> None:
    """An address that is none of a page's is left out."""
    results["backends"][0]["claims"] = [{**claim, "address": address}]
    assert f'href="{address}"' not in render(results)


def test_text_tells_once_how_far_documents_are_followed(results: Document, claim: Document) -> None:
    """The sentence has it; what differs is told where all is asked for, as the document says it."""
    fine = {**claim, "id": "2d-torch-eps", "verdict": "holds"}
    results["backends"][0]["claims"] = [claim, fine, {**fine, "verdict": "not checked"}]
    brief, full = (" ".join(as_text(results, detail=d).split()) for d in (0, 1))
    assert brief.count("follows its documentation in 1 of 2 claims") == 1
    assert claim["statement"] not in brief
    assert f"its documentation says: {claim['statement']} ({claim['title']}); measured: " in full
    assert claim["id"] not in full
