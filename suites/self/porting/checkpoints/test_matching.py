"""Layers put together by a target's names and shapes, or by what the user says."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.cli import run_command
from bnparity.porting.checkpoints.formats import npz
from tensors_at_hand import tensor_of


def written(path: Path, widths: Mapping[str, int], leaves: Sequence[str]) -> Path:
    """Return a file of layers, each with its width and with arrays of these names."""
    with path.open("wb") as file:
        tensors = [
            tensor_of(f"{layer}.{leaf}", np.ones(width, np.float32))
            for layer, width in widths.items()
            for leaf in leaves
        ]
        npz.write(file, tensors)
    return path


TORCH = ("weight", "bias", "running_mean", "running_var")
MINDSPORE = ("gamma", "beta", "moving_mean", "moving_variance")


def table(capsys: pytest.CaptureFixture[str], *words: str | Path) -> Any:
    """Return the table of a port to MindSpore."""
    code = run_command(["port", *map(str, words), "--to", "mindspore", "--json", "-"])
    said = capsys.readouterr()
    assert code == 0, said.err
    return json.loads(said.out)


def test_shapes_of_a_target_say_where_layers_go(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By name where it is there, then by width, and layers of one width in their order, as told."""
    here = written(tmp_path / "a.npz", {"stem": 4, "x": 3, "y": 3, "z": 5}, TORCH)
    there = written(tmp_path / "b.npz", {"last": 5, "one": 3, "two": 3, "stem": 4}, MINDSPORE)
    found = table(capsys, here, "--like", there)
    pairs = {layer["layer"]: layer["target"] for layer in found["layers"]}
    assert pairs == {"stem": "stem", "x": "one", "y": "two", "z": "last"}
    (told,) = [note for note in found["notes"] if "order alone" in note]
    assert ": x, y, z;" in told


def test_what_the_user_says_comes_before_shape_and_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of layers of one width one is said, and the other is what is left."""
    here = written(tmp_path / "a.npz", {"x": 3, "y": 3}, TORCH)
    there = written(tmp_path / "b.npz", {"one": 3, "two": 3}, MINDSPORE)
    found = table(capsys, here, "--like", there, "--map", "x=two")
    pairs = {layer["layer"]: layer["target"] for layer in found["layers"]}
    assert pairs == {"x": "two", "y": "one"}


def test_part_of_a_path_is_renamed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The longest part that is said counts, for all below it."""
    here = written(tmp_path / "a.npz", {"s.0.n": 3, "s.1.n": 3, "st.n": 3}, TORCH)
    found = table(capsys, here, "--map", "s=stage", "--map", "s.1=second")
    names = [layer["target"] for layer in found["layers"]]
    assert names == ["stage.0.n", "second.n", "st.n"]


def test_layer_that_has_no_weight_is_given_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """MindSpore's layers always have gamma and beta."""
    here = written(tmp_path / "a.npz", {"n": 3}, TORCH[2:])
    (layer,) = table(capsys, here)["layers"]
    assert layer["changed"] == ["n.gamma is new: 1", "n.beta is new: 0"]
