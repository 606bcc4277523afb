"""Differences of two runs as JUnit XML: what regressed fails, and all of it can be parsed."""

from typing import Any
from xml.etree import ElementTree as ET

from bnparity_reports.changes_junit import render

Document = dict[str, Any]


def change(direction: str, **parts: str) -> Document:
    """Return a change of a finding, empty but for `parts`."""
    empty = dict.fromkeys(("backend", "where", "old", "new", "note", "finding"), "")
    return {**empty, "direction": direction, "subject": "finding", **parts}


def parsed(*changes: Document) -> ET.Element:
    """Return the suites of a comparison with these changes."""
    return ET.fromstring(render({"standing": 2, "changes": list(changes)}))  # noqa: S314  # our own


def test_what_regressed_fails_and_the_rest_passes() -> None:
    """A suite for each backend, a test for each change, with its sentence."""
    root = parsed(
        change("regressed", backend="torch", where="output", new="eps=ignored", note="it is off"),
        change("mended", backend="torch", old="momentum=old"),
        change("changed", backend="numpy", new="error"),
    )
    assert [suite.get("name") for suite in root] == ["torch", "numpy"]
    assert (root.get("tests"), root.get("failures")) == ("3", "1")
    (failure,) = root.iter("failure")
    assert failure.get("message") == "new finding (eps=ignored in output): it is off"


def test_nothing_changed_is_a_test_that_passes() -> None:
    """CI systems take a file without tests for a mistake."""
    root = parsed()
    assert (root.get("tests"), root.get("failures")) == ("1", "0")
    assert [mark.text for mark in root.iter("system-out")] == ["nothing changed; 2 findings stand"]


def test_text_of_others_is_xml() -> None:
    """What XML cannot have becomes a question mark."""
    (failure,) = parsed(change("regressed", backend="\x1b<a>", note="\x00\ud800&")).iter("failure")
    assert failure.get("message") == "new finding: ??&"
