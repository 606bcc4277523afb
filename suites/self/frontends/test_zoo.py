"""The command that judges all there is: what it keeps of a row, and one that ends badly."""

import asyncio
import json
from pathlib import Path

import pytest
from bnparity.frontends import zoo, zoo_row
from bnparity.frontends.zoo_row import EXAMPLES, Row, kept_row


def test_what_took_longest_comes_first_and_what_is_new_before_it() -> None:
    """A long row that began last would leave the other cores idle."""
    rows = [Row(name=name, version="1") for name in ("quick", "slow", "new")]
    ordered = zoo.slowest_first(rows, {"quick": 3.0, "slow": 90.0})
    assert [row.name for row in ordered] == ["new", "slow", "quick"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"version": "1", "examples": EXAMPLES + 1}),
        json.dumps({"version": "2", "examples": EXAMPLES}),
        json.dumps({"version": "1", "examples": EXAMPLES})[:-1],
    ],
    ids=["other cases", "other version", "half written"],
)
def test_row_that_is_not_the_same_is_judged_again(text: str, tmp_path: Path) -> None:
    """The table never has what was left of something else, or of an interruption."""
    row = Row(name="one", version="1")
    row.folder(tmp_path).mkdir()
    (row.folder(tmp_path) / "row.json").write_text(text, encoding="utf-8")
    assert kept_row(row, tmp_path) is None


def test_row_that_cannot_be_judged_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told at the end with its reason; the other one is judged, and not again later."""
    monkeypatch.setattr(zoo_row, "EXAMPLES", 3)
    good, bad = Row(name="numpy", version="1"), Row(name="nunpy", version="1")

    async def both() -> list[str]:
        return await zoo.judge_rows([bad, good], tmp_path, asyncio.Semaphore(2))

    (told,) = asyncio.run(both())
    assert told.startswith("nunpy could not be judged: bnparity ended with 2: ")
    assert "did you mean numpy?" in told
    lines = capsys.readouterr().out
    assert "nunpy 1: not judged" in lines
    assert "numpy 1: untrusted, 3 cases" in lines
    row = json.loads((tmp_path / "numpy" / "row.json").read_text(encoding="utf-8"))
    assert (row["status"], row["edges"]["one value"]) == ("untrusted", "refused")
