"""Differences of runs in words: each is told, and what others have written is no markup."""

import re
import sys
from typing import Any

import pytest
from bnparity_reports.changes import code, markdown, sentence, text
from markdown_it import MarkdownIt

Document = dict[str, Any]

HOSTILE = "a|b`c``d <script>alert(1)</script> [x](javascript:x) **b** @all\n\n# head\x1b[2J"


def change(**parts: str) -> Document:
    """Return a change, empty but for `parts`."""
    empty = dict.fromkeys(("backend", "where", "old", "new", "note"), "")
    return {**empty, "direction": "regressed", "subject": "finding", **parts}


def diff(*changes: Document, baseline: bool = False, **new: str) -> Document:
    """Return a document of differences between two runs, which differ in `new`."""
    run = dict.fromkeys(("bnparity", "numpy", "python", "platform", "cpu", "seed"), "1")
    runs = {"old": run, "new": {**run, **new}}
    return {"baseline": baseline, "standing": 0, **runs, "changes": list(changes)}


def test_no_difference_is_said() -> None:
    """Silence could be taken for a failure."""
    assert text(diff()) == "nothing changed.\n"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_text_fits_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines end between words, where the terminal ends, and at 100 columns where it is wider."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    found = change(backend="torch", where="running_var", note="in some ordinary words " * 9)
    longest = max(map(len, text(diff(found)).splitlines()))
    assert min(columns, 100) - 10 < longest <= min(columns, 100)


def test_finding_is_told_with_backend_output_and_cause() -> None:
    """A line has everything that a reader looks for."""
    found = change(backend="torch", where="running_var", new="momentum=old", note="it is off")
    lines = text(diff(found)).splitlines()
    assert lines[0] == "1 regressed."
    assert lines[2] == "  torch: new finding (momentum=old in running_var): it is off"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"new": "no convention", "where": "output"}, "new finding (output): x"),
        ({"new": "error"}, "new finding (error): x"),
        ({"direction": "mended", "old": "eps=ignored"}, "no longer found (eps=ignored): x"),
        ({"direction": "changed", "old": "hang", "new": "hang"}, "told differently now (hang): x"),
        ({"subject": "version", "old": "1", "new": "2"}, "version 1 -> 2: x"),
    ],
)
def test_change_reads_as_a_sentence(parts: dict[str, str], told: str) -> None:
    """What became of it comes first, with the part that is meant; then its own text."""
    assert sentence(change(note="x", **parts), str).endswith(told)


def test_findings_that_stand_are_counted() -> None:
    """That nothing changed does not mean that nothing is wrong."""
    assert text({**diff(), "standing": 3}) == "nothing changed; 3 findings stand.\n"


def test_what_regressed_comes_first() -> None:
    """A reader of one screen sees what matters."""
    shown = markdown(diff(change(direction="mended", old="b"), change(new="a")))
    assert shown.index("Regressed") < shown.index("Mended")


def test_mended_deviations_of_a_baseline_are_told_with_the_remedy() -> None:
    """A file of known deviations is not to rot."""
    mended = change(direction="mended", old="momentum=old")
    assert "write it anew with bnparity run --json" in text(diff(mended, baseline=True))
    assert "write it anew" not in text(diff(mended))


def test_other_circumstances_are_told() -> None:
    """Two machines are told apart."""
    assert "cpu: 1 -> 2 cores." in text(diff(cpu="2 cores"))


def test_text_does_not_steer_the_terminal() -> None:
    """Characters that do not print are replaced, and a line stays a line."""
    shown = text(diff(change(backend=HOSTILE, note=HOSTILE), seed=HOSTILE))
    assert "\x1b" not in shown
    assert not re.search("^# head", shown, re.MULTILINE)


@pytest.mark.parametrize("part", ["backend", "where", "old", "new", "note"])
def test_markdown_of_others_is_only_code(part: str) -> None:
    """Rendered, the words of others are the text of one code span, and nothing else."""
    parts = {"subject": "status", "old": "x", "new": "x", part: HOSTILE}
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(markdown(diff(change(**parts))))
    inline = [child for token in tokens for child in token.children or []]
    assert {child.type for child in inline} <= {
        "text",
        "code_inline",
        "strong_open",
        "strong_close",
    }
    shown = [c.content for c in inline if c.type == "code_inline" and "script" in c.content]
    assert len(shown) == 1
    assert "script" not in "".join(c.content for c in inline if c.type == "text")


@pytest.mark.parametrize("words", ["a", "`", "``a`", "a|b", "", " ", "\\", "a`b``c"])
def test_code_span_is_one_whatever_is_in_it(words: str) -> None:
    """A backtick ends no code."""
    (paragraph,) = (t for t in MarkdownIt().parse(f"- {code(words)} end") if t.type == "inline")
    assert [child.type for child in paragraph.children or []] == ["code_inline", "text"]
