"""Conventions side by side: declared, documented and measured, and what differs is marked."""

from typing import Any

import pytest
from bnparity_reports.conventions import conventions
from bnparity_reports.html import render

Document = dict[str, Any]


def row(**parts: Any) -> Document:
    """Return a convention that is followed for certain, but for `parts`."""
    told = {"field": "momentum", "declared": "new", "value": "new", "outputs": [], "claims": []}
    return {**told, "certain": True, **parts}


def cell(backend: Document, *rows: Document) -> Document:
    """Return what is shown of the momentum of a backend with these rows."""
    shown = conventions([({**backend, "conventions": list(rows)}, "numpy")])
    (told,) = [*shown["differing"], *shown["agreed"]][0]["cells"]
    found: Document = told
    return found


@pytest.mark.parametrize(
    ("parts", "measured", "differs"),
    [
        ({}, "new", False),
        ({"value": "old"}, "old", True),
        ({"value": "old", "outputs": ["running_var"]}, "old in running_var", True),
        ({"certain": False}, "not seen", False),
        ({"value": "old", "certain": False}, "old, perhaps", True),
    ],
)
def test_measurement_is_told_in_words(
    backend: Document, parts: Document, measured: str, differs: bool
) -> None:
    """What was measured, in which outputs, and how surely."""
    shown = cell(backend, row(**parts))
    assert (shown["measured"], shown["differs"]) == ([measured], differs)


def test_documents_are_counted(backend: Document) -> None:
    """Of the claims about a convention it is told how many hold; of others nothing."""
    backend["claims"] = [{"id": i, "verdict": v} for i, v in (("a", "holds"), ("b", "differs"))]
    assert cell(backend, row(claims=["a", "b"]))["documented"] == "1 of 2 claims hold"
    assert cell(backend, row())["documented"] == ""


def test_backend_without_conventions_has_no_column(backend: Document) -> None:
    """Results of a campaign, or of an unavailable backend, have none."""
    shown = conventions([(backend, "a"), ({**backend, "conventions": [row()]}, "b")])
    assert shown["places"] == [1]


@pytest.mark.parametrize(
    ("rows", "folded"),
    [
        ((row(), row()), True),
        ((row(), row(certain=False)), True),
        ((row(), row(value="old")), False),
        ((row(), row(value="old", declared="old")), False),
        ((row(value="old"), row(value="old")), False),
        ((row(), None), True),
    ],
)
def test_conventions_in_which_all_agree_are_told_apart(
    backend: Document, rows: tuple[Document | None, ...], folded: bool
) -> None:
    """They are those that every backend follows, and of which all declare the same value."""
    other = row(field="eps", declared="applied", value="applied")
    shown = conventions(
        [
            ({**backend, "conventions": [other] if told is None else [told]}, f"b{place}")
            for place, told in enumerate(rows)
        ]
    )
    assert "momentum" in [r["field"] for r in shown["agreed" if folded else "differing"]]


def test_page_folds_conventions_in_which_all_agree(results: Document) -> None:
    """What differs is on the page, the rest behind a line that counts it."""
    agreed = row(field="eps", declared="applied", value="applied")
    results["backends"][0]["conventions"] = [row(value="old"), agreed]
    html = render(results)
    before, _, folded = html.partition('<details id="agreed">')
    assert "<code><bdi>momentum</bdi></code>" in before
    assert "<code><bdi>eps</bdi></code>" in folded
    assert "1 more" in folded


def test_differences_are_marked_in_words(results: Document) -> None:
    """Colour is not the only sign."""
    results["backends"][0]["conventions"] = [row(value="old")]
    html = render(results)
    assert "<strong>differs</strong>" in html
    assert 'id="conventions"' in html
    assert 'id="conventions"' not in render({**results, "backends": []})
