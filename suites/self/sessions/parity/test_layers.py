"""Ported layers run in both frameworks: parity, or the layer, the step and the reason."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.environments import made_environments
from bnparity.cli import run_command
from bnparity.porting.checkpoints.formats import npz
from tensors_at_hand import tensor_of

#: Two layers, of which the second has statistics far from those of a new one.
STATE: Mapping[str, Sequence[float]] = {
    "a.weight": [1.5, -0.5],
    "a.bias": [0.25, 3.0],
    "a.running_mean": [0.5, -2.0],
    "a.running_var": [4.0, 0.25],
    "b.weight": [1.0, 2.0, 3.0],
    "b.bias": [0.0, 1.0, 2.0],
    "b.running_mean": [3.0, 2.0, 1.0],
    "b.running_var": [0.5, 1.5, 2.5],
}

pytestmark = pytest.mark.skipif(
    "mindspore" not in made_environments(), reason="mindspore is not installed"
)


def test_swapped_arrays_are_found_and_named_and_the_others_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The layer whose mean and variance went astray is told, and the step at which it shows."""
    pytest.importorskip("torch")
    path, out = tmp_path / "model.npz", tmp_path / "model.ckpt"
    with path.open("wb") as file:
        npz.write(file, [tensor_of(n, np.array(a, np.float32)) for n, a in STATE.items()])
    swapped = ("b.running_mean=b.moving_variance", "b.running_var=b.moving_mean")
    maps = [word for text in swapped for word in ("--map", text)]
    words = ["port", str(path), "--to", "mindspore", "-o", str(out), *maps]
    assert run_command([*words, "--momentum", "0.3", "--verify", "--json", "-"]) == 1
    right, wrong = json.loads(capsys.readouterr().out)["parity"]
    assert (right["layer"], right["reason"]) == ("a", "")
    assert all(0 < ratio <= 4 for ratio in right["worst"].values())
    assert wrong["layer"] == "b"
    assert "its running_mean is the source's running_var" in wrong["reason"]
    assert "mindspore at inference: " in wrong["reason"]
