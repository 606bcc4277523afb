"""The page shows a case across backends: who made what of it."""

from typing import Any

import pytest
from bnparity_reports.html import render
from paging import Page

Document = dict[str, Any]


@pytest.fixture
def shared(results: Document, backend: Document) -> Document:
    """Return results of two backends and of a case that both were asked."""
    results["backends"].append({**backend, "name": "kernel.py:bn"})
    results["cases"] = [
        {
            "case": {"shape": [2, 3], "dtype": "float32", "training": True, "tracked": True},
            "answers": {
                "numpy": {"verdict": "pass", "ratios": {"output": 0.125}, "fault": ""},
                "kernel.py:bn": {"verdict": "fail", "ratios": {}, "fault": "crash"},
            },
        }
    ]
    return results


def test_case_says_how_many_pass_and_which_fail(shared: Document) -> None:
    """Its line counts verdicts; its table has a row for each backend that was asked."""
    page = Page(render(shared))
    assert "training, on [2, 3], float32" in page.text
    assert "0.125" in page.text
    assert "crash" in page.text


def test_case_is_found_by_the_filters(shared: Document) -> None:
    """It has the words that the page is narrowed by."""
    attributes = [attrs for tag, attrs in Page(render(shared)).elements if tag == "details"]
    across = [attrs for attrs in attributes if attrs.get("class") == "across"]
    assert [(a["data-dtype"], a["data-mode"]) for a in across] == [("float32", "training")]


def test_results_without_shared_cases_have_no_such_part(results: Document) -> None:
    """One backend alone is across nothing; nor are old results."""
    assert "Cases across backends" not in Page(render(results)).text
