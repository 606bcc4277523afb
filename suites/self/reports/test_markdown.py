"""The results as Markdown: everything that matters is told, and what others write is no markup."""

from itertools import pairwise
from typing import Any

import pytest
from bnparity_reports.markdown import MOST_FINDINGS, render
from markdown_it import MarkdownIt

Document = dict[str, Any]

HOSTILE = "a|b`c``d <script>alert(1)</script> [x](javascript:x) **b** @all\n\n# head"


def rows(text: str) -> list[list[str]]:
    """Return the cells of the table, by row."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(text)
    found: list[list[str]] = []
    for before, token in pairwise(tokens):
        if before.type == "tr_open":
            found.append([])
        if token.type == "inline" and before.type in ("th_open", "td_open"):
            found[-1].append("".join(child.content for child in token.children or []))
    return found


def test_table_has_a_row_for_each_backend(results: Document, finding: Document) -> None:
    """Verdict, and the worst ratio of each output, are in it."""
    results["backends"][0].update(status="fail", findings=[finding])
    heading, row = rows(render(results))
    assert heading[2:4] == ["output", "running_mean"]
    assert row == ["numpy 2.4.6", "fail", *["0.75"] * 6, "-"]


def test_finding_is_told_with_the_command_that_reproduces_it(
    results: Document, finding: Document
) -> None:
    """A reader of the summary need not open the page."""
    results["backends"][0]["findings"] = [finding]
    text = render(results)
    assert "1 finding" in text
    assert finding["text"] in text
    assert "python findings/kernel-924e4298a0/repro.py" in text


def test_unavailable_backend_is_not_checked(results: Document, backend: Document) -> None:
    """What was left out is told, with the reason."""
    backend.update(status="unavailable", reason="no such module", outputs={})
    assert "- `numpy`: `no such module`" in render(results)


def test_backend_that_was_asked_no_more_is_not_checked_to_the_end(results: Document) -> None:
    """Why it was stopped is told too."""
    results["backends"][0]["stopped"] = "stopped after 3 failing cases"
    assert "- `numpy`: `stopped after 3 failing cases`" in render(results)


def test_summary_has_room_for_any_session(results: Document, finding: Document) -> None:
    """A thousand long findings are summarised in less than a megabyte, and the rest is counted."""
    results["backends"][0]["findings"] = [{**finding, "text": "x" * 10_000}] * 1000
    text = render(results)
    assert len(text) < 2**20
    assert f"{1000 - MOST_FINDINGS} more findings" in text


def test_no_backend_is_said(results: Document) -> None:
    """A session that judged nothing has no empty table."""
    assert "No backend was judged" in render({**results, "backends": []})


@pytest.mark.parametrize("part", ["name", "version", "text", "reason", "command"])
def test_markup_of_others_is_only_code(results: Document, finding: Document, part: str) -> None:
    """Rendered, the words of others are in code, and neither links nor HTML."""
    backend = results["backends"][0]
    backend["findings"] = [{**finding, "text": HOSTILE if part == "text" else "x"}]
    if part == "command":
        results["run"]["command"] = HOSTILE
    elif part == "reason":
        backend.update(reason=HOSTILE, status="unavailable")
    elif part != "text":
        backend[part] = HOSTILE
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(render(results))
    inline = [child for token in tokens for child in token.children or []]
    assert not {child.type for child in inline} & {"link_open", "html_inline", "image"}
    assert "html_block" not in {token.type for token in tokens}
    assert "script" not in "".join(child.content for child in inline if child.type == "text")
    assert "script" in "".join(child.content for child in inline if child.type == "code_inline")
