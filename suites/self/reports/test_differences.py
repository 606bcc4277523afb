"""Differences of two runs as a page: before beside after, and no text of others is markup."""

from typing import Any

from bnparity_reports.differences import render

Document = dict[str, Any]

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{ 7 * 7 }}"


def change(**parts: str) -> Document:
    """Return a change, empty but for `parts`."""
    empty = dict.fromkeys(("backend", "where", "old", "new", "note"), "")
    return {**empty, "direction": "regressed", "subject": "ratios", **parts}


def diff(*changes: Document, baseline: bool = False) -> Document:
    """Return a document of differences between two runs, of different seeds."""
    run = dict.fromkeys(("bnparity", "numpy", "python", "platform", "cpu"), "1")
    old, new = {**run, "seed": 1}, {**run, "seed": 2}
    runs = {"old": old, "new": new}
    return {"baseline": baseline, "standing": 0, **runs, "changes": list(changes)}


def test_before_is_beside_after() -> None:
    """A row has both values, in this order."""
    html = render(diff(change(backend="torch", old="pass 1.2", new="fail 7e3")))
    assert html.index("pass 1.2") < html.index("fail 7e3")
    assert "1 regressed" in html


def test_runs_that_say_the_same_are_told() -> None:
    """An empty page could be taken for a broken one."""
    assert "say the same" in render(diff())


def test_what_regressed_comes_first() -> None:
    """A reader of one screen sees what matters."""
    html = render(diff(change(direction="mended", old="b"), change(new="a")))
    assert html.index('id="regressed"') < html.index('id="mended"')


def test_facts_that_differ_are_marked() -> None:
    """Two seeds are told apart in words, not by colour alone."""
    assert "<bdi>2</bdi> <strong>differs</strong>" in render(diff())


def test_remedy_of_a_baseline_is_told() -> None:
    """A baseline that knows more than there is says what to do."""
    assert "write it anew" in render(diff(change(direction="mended", old="b"), baseline=True))


def test_hostile_changes_stay_text() -> None:
    """Markup in any text adds no element to the page, half a surrogate pair no error."""
    parts = dict.fromkeys(("backend", "subject", "where", "old", "new"), HOSTILE)
    html = render(diff(change(**parts, note="\ud83d")))
    assert html.encode()
    assert html.count("<script") == 1
    assert "<img" not in html
