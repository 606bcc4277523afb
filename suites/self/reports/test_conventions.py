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
    (told,) = shown["table"][0]["cells"]
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


def test_differences_are_marked_in_words(results: Document) -> None:
    """Colour is not the only sign."""
    results["backends"][0]["conventions"] = [row(value="old")]
    html = render(results)
    assert "<strong>differs</strong>" in html
    assert 'id="conventions"' in html
    assert 'id="conventions"' not in render({**results, "backends": []})
