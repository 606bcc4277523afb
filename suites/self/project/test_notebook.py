"""The notebook of the documentation runs, and says what its text says."""

import json
from pathlib import Path
from typing import Any

import pytest

NOTEBOOK = Path(__file__).parents[3] / "documentation" / "check.ipynb"


def test_notebook_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Cell by cell, in one namespace, as a notebook does; the mistake is found and named."""
    monkeypatch.chdir(tmp_path)
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    shared: dict[str, Any] = {"__name__": "__main__"}
    for cell in cells:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), shared)  # noqa: S102  # it is ours
    codes = {code for finding in shared["verdict"].findings for code in finding.codes}
    assert "running_variance=biased" in codes
    told = capsys.readouterr().out
    assert "computed with running_variance=biased" in " ".join(told.split())
    assert "convention running_variance: unbiased in numpy, biased in" in told
