"""Mistakes of porting that show in numbers: the first layer where two models part, and by what."""

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from bnparity.cli import run_command
from bnparity.sessions.parity.models import ModelComparison, compare_models
from bnparity.sessions.parity.recording import read_recording, recording_of
from parting import recorded_there

pytest.importorskip("torch")
torch_model = import_module("authored.torch_model")  # which imports torch

AUTHORED = Path(__file__).parents[2] / "authored"

#: By mistake: the mode, the layer, by what the models part there, and a part of the reason.
TOLD = {
    "momentum": ("training", "bn1", "convention", "momentum is 0.1 and 0.9"),
    "eps": ("inference", "bn1", "convention", "eps is 1e-05 and 0.001"),
    "frozen": ("training", "bn1", "convention", "is training and inference"),
    "batch": ("inference", "bn1", "convention", "is inference and training"),
    "channels_last": ("inference", "bn1", "convention", "order 0, 2, 3, 1"),
    "statistics": ("inference", "bn1", "convention", "has running_var there"),
    "affine": ("inference", "bn1", "convention", "weight is another"),
    "lost_mean": ("inference", "bn2", "convention", "running_mean is another: the second"),
    "lost_variance": ("inference", "bn2", "convention", "that of a new layer"),
    "lost_beta": ("inference", "bn2", "convention", "bias is another"),
    "deviation": ("inference", "bn1", "convention", "running_var is another: ["),
    "kernel": ("inference", "bn2", "elsewhere", "the data that reach it from bn1"),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, ModelComparison]:
    """Return the comparison of PyTorch's network with each of MindSpore's, recorded in one go."""
    folder = tmp_path_factory.mktemp("models")
    recorded_there("mindspore", "mindspore", "net.ckpt", "mistakes_in_mindspore.py", folder)
    ours = recording_of(f"{AUTHORED / 'torch_model.py'}:net", folder / "x.npy")
    return {
        name: compare_models(ours, read_recording(name, folder / name)) for name in (*TOLD, "none")
    }


def test_network_that_is_ported_rightly_parts_nowhere(
    compared: Mapping[str, ModelComparison],
) -> None:
    """Its results are as far apart as a rounding takes them, in either mode."""
    found = compared["none"]
    assert found.parting is None, found.in_words()
    assert found.compared == 4
    assert all(0 < far <= 32 for far in found.roundings.values())


@pytest.mark.parametrize("mistake", TOLD)
def test_mistake_is_found_and_named(mistake: str, compared: Mapping[str, ModelComparison]) -> None:
    """The first layer where it shows is told, and what is wrong there."""
    parting = compared[mistake].parting
    mode, layer, by, reason = TOLD[mistake]
    assert parting is not None
    assert (parting.mode, parting.layer, parting.by) == (mode, layer, by), parting.in_words()
    assert reason in parting.in_words()


@pytest.mark.parametrize(
    ("model", "data", "said"),
    [
        ("model.py", "x.npy", "write file.py:model"),
        ("no.py:net", "x.npy", "no file 'no.py'"),
        ("model.py:nte", "x.npy", "has no 'nte' (did you mean net?)"),
        ("model.py:number", "x.npy", "is a int"),
        ("model.py:broken", "x.npy", "ZeroDivisionError"),
        ("model.py:sized", "x.npy", "sized takes arguments (missing a required argument: 'size')"),
        ("model.py:net", "objects.npy", "no npy file of numbers: save an array"),
        ("model.py:net", "no.npy", "no such file"),
        ("model.py:net", "model.py", "no npy file"),
        ("model.py:net", "whole.npy", "int64 array"),
    ],
)
def test_wrong_words_are_one_line(
    model: str,
    data: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The line says what is wrong with the model or its data."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.py").write_text(
        "number = 3\nnet = 3\ndef broken():\n    1 / 0\ndef sized(size): ...\n"
    )
    np.save("objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save("x.npy", np.ones((2, 3), np.float32))
    np.save("whole.npy", np.ones((2, 3), np.int64))
    assert run_command(["compare-models", model, model, "--input", data]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1


def test_model_that_normalises_otherwise_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A layer that does not compute what its framework says is told, with what it does."""
    (tmp_path / "other.py").write_text(
        "import torch\n"
        "class Other(torch.nn.BatchNorm2d):\n"
        "    def forward(self, x):\n"
        "        self.eps, eps = 0.1, self.eps\n"
        "        y = super().forward(x)\n"
        "        self.eps = eps\n"
        "        return y\n"
        "def net():\n"
        "    return torch.nn.Sequential(Other(3))\n"
        "def right():\n"
        "    return torch.nn.Sequential(torch.nn.BatchNorm2d(3))\n"
    )
    np.save(tmp_path / "x.npy", torch_model.data())
    models = [f"{tmp_path / 'other.py'}:{name}" for name in ("right", "net")]
    words = ["compare-models", *models, "--input", str(tmp_path / "x.npy"), "--json", "-"]
    assert run_command(words) == 1
    parting = json.loads(capsys.readouterr().out)["parting"]
    assert (parting["by"], parting["layer"]) == ("implementation", "0")
    assert "expected" in parting["reason"]
