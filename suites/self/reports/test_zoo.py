"""The table of frameworks: the committed one, and what makes it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bnparity_reports.zoo import render_html, render_markdown

HOME = Path(__file__).parents[3] / "reports" / "zoo"
FINDINGS = sorted(HOME.glob("findings/*"))
ZOO = json.loads((HOME / "zoo.json").read_text(encoding="utf-8"))


def backend(name: str, **changes: object) -> dict[str, object]:
    """Return what the table is told of a backend."""
    plain = {"version": "1.0", "status": "pass", "cases": 3, "created": "2026-01-02T03:04:05"}
    plain |= {"seconds": 7.1, "compile_seconds": 0.0}
    empty: dict[str, object] = {"edges": {}, "accuracy": {}, "conventions": {}, "not_asked": {}}
    return {"name": name, **plain, **empty, "unsupported": {}, "findings": [], **changes}


def zoo_of(*backends: dict[str, object]) -> dict[str, object]:
    """Return a table of backends that were asked so many cases."""
    return {"examples": 3, "minutes": 1, "backends": backends}


def test_committed_pages_are_of_the_committed_results() -> None:
    """Nobody has edited one and not the other."""
    assert (HOME / "README.md").read_text(encoding="utf-8") == render_markdown(ZOO)
    assert (HOME / "zoo.html").read_text(encoding="utf-8") == render_html(ZOO)


def test_conventions_are_those_on_which_backends_differ() -> None:
    """A convention that all share tells none from another."""
    one = backend("one", conventions={"momentum": "new", "eps_placement": "inside"})
    other = backend("other", conventions={"momentum": "old", "eps_placement": "inside"})
    text = render_markdown(zoo_of(one, other))
    assert "| backend | momentum |\n" in text
    assert "| one | new |\n| other | old |" in text
    assert "eps_placement" not in text


def test_verdict_says_what_is_done_otherwise() -> None:
    """The words of its findings, each once; of a finding without one its kind."""
    codes: tuple[list[str], ...] = (["momentum=old"], ["momentum=old", "eps=ignored"], [])
    findings = [{"kind": "error", "codes": c, "text": ""} for c in codes]
    text = render_markdown(zoo_of(backend("one", status="fail", findings=findings)))
    assert "| one | 1.0 | fail | momentum=old, eps=ignored, error | 3 | 7 |  |" in text


def test_time_of_compilers_is_told_where_it_is_known() -> None:
    """Beside the time of all; a backend that does not say has none there, not 0."""
    text = render_markdown(zoo_of(backend("one", compile_seconds=5.2), backend("other")))
    assert "| one | 1.0 | pass |  | 3 | 7 | 5 | 2026-01-02 |" in text
    assert "| other | 1.0 | pass |  | 3 | 7 |  | 2026-01-02 |" in text


def test_what_others_wrote_is_no_markup() -> None:
    """A message of a framework's does not break the table, nor the page."""
    finding = {"kind": "error", "codes": [], "text": "<b>a | b</b>"}
    zoo = zoo_of(backend("one", findings=[finding]))
    assert r"\<b>a \| b\</b>" in render_markdown(zoo)
    assert "&lt;b&gt;a | b&lt;/b&gt;" in render_html(zoo)


@pytest.mark.parametrize("folder", FINDINGS, ids=lambda folder: folder.name)
def test_finding_can_be_filed(folder: Path) -> None:
    """It has all that a maintainer asks for, and what its script printed."""
    text = (folder / "README.md").read_text(encoding="utf-8")
    parts = ("What the documentation says", "What happens", "The smallest case", "A mend")
    assert [part for part in parts if f"**{part}.**" not in text] == []
    assert "expected" in text.rpartition("```\n")[0]
    assert "bnparity" not in (folder / "repro.py").read_text(encoding="utf-8")


def test_finding_of_torch_is_shown_by_its_script() -> None:
    """The script says what it expected, and exits with 1 where the deviation is there."""
    script = HOME / "findings" / "torch-single-value" / "repro.py"
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, env=alone
    )
    assert (done.returncode, done.stdout) == (1, "expected an error, or a number, got nan\n")
