"""`run -k`: a part of what there is to ask."""

import json
from pathlib import Path
from typing import Any

import pytest
from bnparity.cli import run_command
from commanding import WRONG


def run(part: str, backend: str = "wrong.py:batch_norm") -> Any:
    """Return what a run of a part says of a backend that gets momentum wrong."""
    command = ["run", backend, "-k", part, "--examples", "30", "--in-process", "-qq"]
    run_command([*command, "--no-earlier", "--json", "r.json"])
    (backend_,) = json.loads(Path("r.json").read_text())["backends"]
    return backend_


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.py").write_text(WRONG)


def test_ranks_alone_are_asked() -> None:
    """No other is drawn, and what is wrong shows there."""
    found = run("rank=3,5")
    assert {cell["rank"] for cell in found["cells"]} == {3, 5}
    assert [finding["codes"] for finding in found["findings"]] == [["momentum=old"]]


def test_mode_alone_is_asked() -> None:
    """In inference nothing moves, and nothing is wrong."""
    found = run("mode=inference", "numpy")
    assert {cell["mode"].partition(",")[0] for cell in found["cells"]} == {"inference"}
    assert (found["status"], found["findings"]) == ("pass", [])


def test_outputs_alone_are_judged() -> None:
    """What is wrong elsewhere is not told, nor missed."""
    found = run("output=output,grad_bias", "numpy")
    assert set(found["outputs"]) == {"output", "grad_bias"}
    assert (found["status"], found["findings"]) == ("pass", [])


def test_backend_without_the_part_is_not_judged() -> None:
    """It is told so, with exit code 3."""
    Path("flat.py").write_text(WRONG + "\nbatch_norm.ranks = (2,)\n")
    command = ["run", "flat.py:batch_norm", "-k", "rank=4", "--examples", "5", "--in-process"]
    assert run_command(command) != 0


@pytest.mark.parametrize(
    ("part", "told"),
    [
        ("rnak=2", "did you mean rank"),
        ("rank=9", "rank '9' is not one of 2, 3"),
        ("mode=trianing", "did you mean training"),
        ("output", "output '' is not one of"),
        (" ", "-k names nothing"),
    ],
)
def test_mistakes_are_one_line(part: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, with what could have been meant."""
    assert run_command(["run", "numpy", "-k", part]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
