"""Dumps are read call by call, whatever they are kept in, and judged."""

from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest
import torch
from bnparity.backends import UsageError
from bnparity.sessions import RecordedCall, Spelling, judge_recorded, read_dump
from safetensors.numpy import save_file

X = np.random.default_rng(0).standard_normal((4, 3)).astype("f4")
Y = ((X - X.mean(0)) / np.sqrt(X.var(0) + np.float32(1e-5))).astype("f4")
SETTINGS = {"training": True, "eps": 1e-5}
PLAIN = Spelling.of([], SETTINGS)


def calls(path: Path, spelling: Spelling = PLAIN) -> list[RecordedCall]:
    return list(read_dump(path, spelling))


@pytest.mark.parametrize("kind", ["npz", "safetensors"])
def test_one_file_may_hold_many_calls(kind: str, tmp_path: Path) -> None:
    """What stands before a name says whose call it is; names and settings can be given."""
    arrays = {f"net.{i}.{name}": a for i in (1, 2) for name, a in (("inp", X), ("output", Y))}
    path = tmp_path / f"dump.{kind}"
    if kind == "npz":
        np.savez(path, **arrays)  # type: ignore[arg-type]  # names are not its options
    else:
        save_file(arrays, path)
    found = calls(path, Spelling.of(["x=inp"], SETTINGS))
    assert [call.name for call in found] == ["net/1", "net/2"]
    assert judge_recorded("dump", found, "torch").status == "pass"


def test_folder_of_npy_is_read_by_folders_and_names(tmp_path: Path) -> None:
    """A call may be a folder, or the beginning of the names of its files."""
    (tmp_path / "a").mkdir()
    for name, array in (("x", X), ("output", Y)):
        np.save(tmp_path / "a" / f"{name}.npy", array)
        np.save(tmp_path / f"b.{name}.npy", array)
    assert [call.name for call in calls(tmp_path)] == ["a", "b"]


def test_what_went_in_and_what_came_out_may_be_apart(tmp_path: Path) -> None:
    """A running statistic among the outputs is the one after the call."""
    mean, var = np.zeros(3, "f4"), np.ones(3, "f4")
    np.savez(tmp_path / "inputs.npz", x=X, running_mean=mean, running_var=var, momentum=0.1)
    np.savez(tmp_path / "outputs.npz", output=Y, running_mean=(0.1 * X.mean(0)).astype("f4"))
    (call,) = calls(tmp_path)
    assert set(call.outputs) == {"output", "running_mean"}
    assert judge_recorded("dump", [call], "torch").status == "pass"


def test_settings_that_are_recorded_count(tmp_path: Path) -> None:
    """They stand beside the arrays, or in the metadata, and go before what is given."""
    said = {"training": "false", "eps": "0.5", "tracked": "false"}
    save_file({"x": X, "output": Y}, tmp_path / "a.safetensors", metadata=said)
    (call,) = calls(tmp_path)
    assert (call.case.training, call.case.eps) == (False, 0.5)


def test_bfloat16_keeps_its_format(tmp_path: Path) -> None:
    """Of safetensors and of PyTorch's files alike."""
    half = X.astype(ml_dtypes.bfloat16)
    save_file({"x": half, "output": half}, tmp_path / "a.safetensors")
    torch.save({"x": torch.from_numpy(X).bfloat16(), "output": torch.zeros(1)}, tmp_path / "b.pt")
    first, second = calls(tmp_path)
    assert first.case.dtype == second.case.dtype == "bfloat16"
    assert np.array_equal(first.inputs.x, second.inputs.x)


def test_inference_without_statistics_is_not_judged(tmp_path: Path) -> None:
    """Nobody knows whether the layer has none, or they were not recorded."""
    np.savez(tmp_path / "a.npz", x=X, output=Y, training=False)
    judged = judge_recorded("dump", calls(tmp_path), "torch")
    assert (judged.totals.cases, judged.totals.unsupported.total()) == (0, 1)


def test_finding_names_its_call(tmp_path: Path) -> None:
    """Of several that fail it is the smallest; nobody can be asked it again."""
    np.savez(tmp_path / "large.npz", x=np.repeat(X, 2, 0), output=np.repeat(Y, 2, 0) * 2)
    np.savez(tmp_path / "small.npz", x=X, output=Y * 2)
    (finding,) = judge_recorded("dump", calls(tmp_path), "torch").findings
    assert finding.text.endswith("; it is the call small")
    assert (finding.count, finding.case, finding.case_result) == (2, None, None)


@pytest.mark.parametrize(
    ("arrays", "told"),
    [
        ({"x": X}, "training is missing: record it, or give --training"),
        ({"x": X, "training": True}, "eps is missing"),
        ({"x": X, "training": 3, "eps": 1e-5}, "training is 3"),
        ({"x": X, "training": True, "eps": -1.0}, "eps is -1.0"),
        ({"inp": X}, "no x, but inp: name it, --map x=inp"),
    ],
)
def test_what_is_missing_is_told(arrays: dict[str, Any], told: str, tmp_path: Path) -> None:
    """One line names it, and how to give it."""
    np.savez(tmp_path / "a.npz", **arrays)
    with pytest.raises(UsageError, match=told):
        calls(tmp_path, Spelling.of([], {}))


@pytest.mark.parametrize(("text", "told"), [("x", "OURS=THEIRS"), ("wieght=g", "mean weight")])
def test_map_is_checked(text: str, told: str) -> None:
    """A name that is not ours is told, with the one that was meant."""
    with pytest.raises(UsageError, match=told):
        Spelling.of([text], {})
