"""Masks in what is recorded, and in what is asked of others."""

import json
from pathlib import Path
from typing import Any

import bnparity
import numpy as np
import pytest
from bnparity.backends import UsageError
from bnparity.cli import run_command
from bnparity.sessions import Spelling, judge_recorded, read_dump, write_sheet
from masking import Steps, masked
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

RNG = np.random.default_rng(0)
X = RNG.standard_normal((6, 3, 2)).astype("f4")
STATE = {
    "weight": np.ones(3, "f4"),
    "bias": np.zeros(3, "f4"),
    "running_mean": np.zeros(3, "f4"),
    "running_var": np.ones(3, "f4"),
}
SETTINGS: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}


def verdict(mask: Any, **steps: Any) -> bnparity.Verdict:
    """Return what is said of arrays that a function with these steps made with the mask."""
    given = {**STATE, "grad_output": X, "mask": mask}
    outputs = masked(Steps(**steps))(X, *STATE.values(), **SETTINGS, grad_output=X, mask=mask)
    return bnparity.judge(outputs, {"x": X, **given}, **SETTINGS)


@pytest.mark.parametrize("shape", [(6, 1, 2), (6, 3, 2)])
def test_arrays_at_hand_are_judged_by_their_mask(shape: tuple[int, ...]) -> None:
    """A right function passes with its mask, and one that left it out does not."""
    mask = RNG.random(shape) < 0.7
    assert verdict(mask).status == "pass"
    ignored = verdict(mask, read=np.ones_like)
    assert {code for finding in ignored.findings for code in finding.codes} == {"mask=ignored"}


@pytest.mark.parametrize(
    ("mask", "told"),
    [
        (np.ones((6, 2), np.bool_), r"mask is bool array .* shape \(6, 1, 2\) or \(6, 3, 2\)"),
        (np.full((6, 1, 2), 0.5), "mask has other values than 0 and 1"),
    ],
)
def test_what_is_no_mask_is_refused(mask: Any, told: str) -> None:
    """The message shows what fits."""
    with pytest.raises(UsageError, match=told):
        bnparity.judge({"output": X}, {"x": X, "mask": mask}, **SETTINGS)


@pytest.mark.parametrize("takes", ["positions", "elements"])
def test_sheet_is_answered_with_its_masks(takes: str, tmp_path: Path) -> None:
    """Some of its calls have one, each in the file of its call; who uses them passes."""
    sheet = tmp_path / "sheet"
    about: dict[str, Any] = {"dialect": "torch", "dtypes": ("float32",), "seed": 0}
    write_sheet(sheet, examples=50, takes_mask=takes, **about)
    cases = json.loads((sheet / "manifest.json").read_text())["cases"]
    assert 3 < sum("mask" in case["arrays"] for case in cases) < 25
    for case in cases:
        arrays = load_file(sheet / case["file"])
        if {*STATE} - arrays.keys():
            continue
        with safe_open(sheet / case["file"], "numpy") as file:
            said = file.metadata()
        with np.errstate(all="ignore"):
            answer = masked(Steps())(
                *(arrays[name] for name in ("x", *STATE)),
                training=said["training"] == "true",
                momentum=float(said["momentum"]),
                eps=float(said["eps"]),
                grad_output=arrays.get("grad_output"),
                mask=arrays.get("mask"),
            )
        own = {name: np.ascontiguousarray(answer[name]) for name in case["asked"]}
        save_file(own, sheet / "answers" / Path(case["file"]).name)
    judged = judge_recorded("sheet", read_dump(sheet, Spelling.of([], {})), "torch")
    assert judged.status == "pass"


def test_command_writes_sheets_with_masks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A typo is told before anything is written."""
    monkeypatch.chdir(tmp_path)
    assert run_command(["cases", "--out", "s", "--mask", "element"]) == 2
    assert "--mask element: choose from positions, elements" in capsys.readouterr().err
    assert not Path("s").exists()
    assert run_command(["cases", "--out", "s", "--mask", "elements", "--examples", "20"]) == 0
    assert '"mask"' in Path("s/manifest.json").read_text()
