"""What is no checkpoint, or not one that can be ported: one line, nothing run, nothing written."""

import os
import pickle
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.cli import run_command
from bnparity.porting.checkpoints.formats import (
    flax_msgpack,
    mindspore_ckpt,
    npz,
    safetensors,
    torch_pt,
)
from bnparity.porting.checkpoints.tensors import Tensor
from tensors_at_hand import tensor_of

#: A BatchNorm of two channels and a kernel before it.
STATE: Mapping[str, Any] = {
    "conv.weight": np.ones((2, 3, 1, 1), np.float32),
    "bn.weight": np.ones(2, np.float32),
    "bn.bias": np.zeros(2, np.float32),
    "bn.running_mean": np.zeros(2, np.float32),
    "bn.running_var": np.ones(2, np.float32),
}
#: The size of a file that no memory here holds.
HUGE = 10 << 30


def tensors(state: Mapping[str, Any]) -> list[Tensor]:
    """Return arrays as the writers of formats take them."""
    return [tensor_of(name, array) for name, array in state.items()]


def written(path: Path, writer: Callable[..., None], state: Mapping[str, Any] = STATE) -> Path:
    """Return a file of arrays in a format."""
    with path.open("wb") as file:
        writer(file, tensors(state))
    return path


def told(capsys: pytest.CaptureFixture[str], folder: Path, *words: str | Path) -> str:
    """Return the one line that porting ends with, having left nothing in the folder."""
    before = sorted(folder.iterdir())
    code = run_command(["port", *map(str, words), "-o", str(folder / "out.npz")])
    said = capsys.readouterr()
    assert code == 2, said.out
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err
    assert sorted(folder.iterdir()) == before
    return said.err


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
@pytest.mark.parametrize(
    ("name", "writer"),
    [
        ("model.pt", torch_pt.write),
        ("model.ckpt", mindspore_ckpt.write),
        ("model.safetensors", safetensors.write),
        ("model.npz", npz.write),
        ("model.msgpack", flax_msgpack.write),
    ],
)
def test_truncated_checkpoint_is_refused(
    name: str,
    writer: Callable[..., None],
    share: float,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Wherever it is cut off."""
    path = written(tmp_path / name, writer)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    assert name in told(capsys, tmp_path, path, "--to", "mindspore", "--from", "torch")


def test_damaged_archive_of_keras_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where a byte of its weights is another one."""
    path = tmp_path / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model.weights.h5", b"elements")
    path.write_bytes(path.read_bytes().replace(b"elements", b"elemenTs"))
    assert "cut off or broken" in told(capsys, tmp_path, path, "--to", "torch", "--like", path)


class Hostile:
    """Runs a command as soon as it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> Any:
        return os.system, (self.command,)


def test_pickle_with_code_is_never_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The line names what it would have called."""
    path, trace = tmp_path / "model.pt", tmp_path.parent / f"{tmp_path.name}.trace"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", pickle.dumps({"x": Hostile(f"touch {trace}")}))
    assert "system" in told(capsys, tmp_path, path, "--to", "mindspore")
    assert not trace.exists()


def test_npz_with_objects_is_never_unpickled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Arrays of Python objects are refused by their header."""
    path, trace = tmp_path / "model.npz", tmp_path.parent / f"{tmp_path.name}.trace"
    np.savez(path, x=np.array([Hostile(f"touch {trace}")], object))
    assert "objects" in told(capsys, tmp_path, path, "--to", "mindspore")
    assert not trace.exists()


@pytest.mark.parametrize(
    ("changes", "words", "said"),
    [
        ({"bn.running_mean": None, "bn.running_var": None}, [], "has no BatchNorm"),
        ({"bn.running_var": None}, [], "running_var"),
        ({"bn.running_mean": np.zeros(3, np.float32)}, [], "shape"),
        ({"bn.weight": np.ones(2, np.int64)}, [], "int64"),
        (
            {"n.moving_mean": np.ones(2), "n.moving_variance": np.ones(2)},
            [],
            "--from torch",
        ),
        ({}, ["--map", "conw=norm"], "did you mean conv"),
        ({}, ["--map", "bn"], "SOURCE=TARGET"),
        ({}, ["--map", "bn=conv", "--map", "conv.weight=conv.gamma"], "conv.gamma"),
        ({}, ["--eps", "2"], "eps"),
        ({}, ["--key", "model"], "--key model"),
    ],
)
def test_state_that_cannot_be_ported_is_one_line(
    changes: Mapping[str, Any],
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It names the array or the word that is wrong."""
    state = {name: a for name, a in {**STATE, **changes}.items() if a is not None}
    path = written(tmp_path / "model.safetensors", safetensors.write, state)
    assert said in told(capsys, tmp_path, path, "--to", "mindspore", *words)


def test_target_whose_shapes_disagree_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A target of other widths has no place for the arrays."""
    path = written(tmp_path / "model.safetensors", safetensors.write)
    wider = {
        "conv.weight": np.ones((4, 3, 1, 1), np.float32),
        **{f"bn.{name}": np.ones(4, np.float32) for name in ("gamma", "beta")},
        **{f"bn.moving_{name}": np.ones(4, np.float32) for name in ("mean", "variance")},
    }
    like = written(tmp_path / "like.ckpt", mindspore_ckpt.write, wider)
    assert "channels" in told(capsys, tmp_path, path, "--to", "mindspore", "--like", like)


@pytest.mark.parametrize("name", ["model.pt", "model.ckpt", "model.safetensors", "model.msgpack"])
def test_huge_file_of_nothing_is_refused_at_once(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten gigabytes of zeros are no checkpoint, and are not read to say so."""
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(HUGE)
    assert name in told(capsys, tmp_path, path, "--to", "mindspore")


def test_huge_checkpoint_is_not_read_to_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A table of ten gigabytes beside a BatchNorm takes no memory until it is written."""
    path = tmp_path / "model.safetensors"
    state = {name: a for name, a in STATE.items() if name != "conv.weight"}
    embedding = Tensor(name="e", dtype="float32", shape=(1, HUGE // 4), read=lambda: np.ones(0))
    with path.open("wb") as file:
        safetensors.write(file, [*tensors(state), embedding])
        file.truncate(file.tell() + HUGE)
    assert run_command(["port", str(path), "--to", "mindspore"]) == 0
    assert "bn -> bn, 2 channels" in capsys.readouterr().out


def test_format_that_cannot_hold_an_array_leaves_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was begun is removed, and what was there before stays."""
    state = {**STATE, "phase": np.ones(3, np.complex64)}
    path, out = written(tmp_path / "model.pt", torch_pt.write, state), tmp_path / "out.ckpt"
    out.write_text("before")
    assert run_command(["port", str(path), "--to", "mindspore", "-o", str(out)]) == 2
    assert "phase is complex64" in capsys.readouterr().err
    assert out.read_text() == "before"
    assert sorted(tmp_path.iterdir()) == [path, out]


@pytest.mark.parametrize("words", [("-o", "model.npz"), ("--json", "model.npz")])
def test_checkpoint_is_never_written_over(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    """Neither by the arrays nor by what is told of them."""
    monkeypatch.chdir(tmp_path)
    np.savez("model.npz", **STATE)
    before = Path("model.npz").read_bytes()
    assert run_command(["port", "model.npz", "--from", "torch", "--to", "flax", *words]) == 2
    assert "'model.npz' is read, and would be lost" in capsys.readouterr().err
    assert Path("model.npz").read_bytes() == before


def test_noise_is_no_file_of_weights(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The library's own words say less."""
    path = tmp_path / "model.weights.h5"
    path.write_bytes(b"noise" * 99)
    assert run_command(["port", str(path), "--to", "torch"]) == 2
    assert "it is no HDF5 file: save it again" in capsys.readouterr().err
