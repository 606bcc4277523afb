"""Whole networks ported: to MindSpore and Keras, and back, to the bit and to the bound."""

import subprocess
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.backends.environments import interpreter_of, made_environments
from bnparity.cli import run_command
from bnparity.porting import plan, port_settings, read_checkpoint, targets_of
from bnparity.sessions import layers_running, verify_port

torch = pytest.importorskip("torch")
torch_nets = import_module("authored.torch_nets")  # which imports torch
nearness = import_module("nearness")  # which does too

AUTHORED = Path(__file__).parents[2] / "authored"
NETS = ("ResNet18", "MobileNetV2")


def ask(script: str, framework: str, folder: Path, *words: str) -> None:
    """Run a script where its framework is."""
    if framework not in made_environments():
        pytest.skip(f"{framework} is not installed")
    command = [interpreter_of(framework), str(AUTHORED / script), *words]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr


def ported(*words: str | Path) -> None:
    """Port, which has to succeed."""
    assert run_command(["port", *map(str, words)]) == 0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with both networks after a few steps of training, and data."""
    folder = tmp_path_factory.mktemp("nets")
    rng = np.random.default_rng(0)
    np.save(folder / "x.npy", (2 * rng.standard_normal((4, 3, 32, 32)) + 1).astype(np.float32))
    for name in NETS:
        torch.save(
            torch_nets.trained(getattr(torch_nets, name)()).state_dict(), folder / f"{name}.pt"
        )
    return folder


@pytest.fixture(scope="module")
def in_mindspore(folder: Path) -> Path:
    """Return the folder, after MindSpore's networks were loaded, run and trained."""
    for name in NETS:
        ported(folder / f"{name}.pt", "--to", "mindspore", "-o", folder / f"{name}.ckpt")
    ask("nets_in_mindspore.py", "mindspore", folder)
    return folder


def loaded(name: str, state: Path) -> Any:
    """Return a network of PyTorch's with a state."""
    net = getattr(torch_nets, name)()
    net.load_state_dict(torch.load(state, weights_only=True))
    return net


@pytest.mark.parametrize("name", NETS)
def test_network_computes_the_same_in_mindspore(name: str, in_mindspore: Path) -> None:
    """Its results there are as far from PyTorch's as rounding takes them."""
    x, got = np.load(in_mindspore / "x.npy"), np.load(in_mindspore / f"{name}.out.npy")
    nearness.assert_as_near_as_rounding(loaded(name, in_mindspore / f"{name}.pt"), x, got)


@pytest.mark.parametrize("name", NETS)
def test_network_trained_in_mindspore_computes_the_same_here(name: str, in_mindspore: Path) -> None:
    """A checkpoint that MindSpore has saved is ported to PyTorch, which loads all of it."""
    out = in_mindspore / f"{name}.back.pt"
    ported(in_mindspore / f"{name}.trained.ckpt", "--to", "torch", "-o", out)
    x, got = np.load(in_mindspore / "x.npy"), np.load(in_mindspore / f"{name}.trained.npy")
    nearness.assert_as_near_as_rounding(loaded(name, out), x, got)


@pytest.mark.parametrize("name", NETS)
def test_there_and_back_is_the_same_to_the_bit(name: str, in_mindspore: Path) -> None:
    """From PyTorch to MindSpore and back, and from MindSpore's own file to PyTorch and back."""
    for begin, middle, end in (
        (f"{name}.pt", f"{name}.ckpt", f"{name}.end.pt"),
        (f"{name}.trained.ckpt", f"{name}.middle.pt", f"{name}.end.ckpt"),
    ):
        to, back = ("mindspore", "torch") if begin.endswith(".pt") else ("torch", "mindspore")
        ported(in_mindspore / begin, "--to", to, "-o", in_mindspore / middle)
        ported(in_mindspore / middle, "--to", back, "-o", in_mindspore / end)
        one, other = (read_checkpoint(in_mindspore / file).tensors for file in (begin, end))
        assert list(one) == list(other)
        assert all(same_bits(one[name_].read(), other[name_].read()) for name_ in one)


def same_bits(one: Any, other: Any) -> bool:
    """Return whether two arrays are the same to the bit."""
    return bool(one.dtype == other.dtype and one.shape == other.shape) and (
        one.tobytes() == other.tobytes()
    )


def test_layers_are_verified_in_both_frameworks(in_mindspore: Path) -> None:
    """The narrowest and the widest keep what they compute, in inference and ten training steps."""
    source = read_checkpoint(in_mindspore / "ResNet18.pt")
    port = plan(source, "mindspore", targets_of(source, "mindspore"))
    of_widths = {norm.norm.channels: norm for norm in port.norms}
    some = replace(port, norms=(of_widths[min(of_widths)], of_widths[max(of_widths)]))
    settings = {n.norm.layer: port_settings(port, n, eps=None, momentum=None) for n in some.norms}
    with layers_running(("torch", "mindspore")) as asks:
        found = list(verify_port(some, settings, asks))
    assert len(found) == 2
    assert [each.reason for each in found] == ["", ""]
    assert all(0 < ratio <= 4 for each in found for ratio in each.worst.values())


def test_networks_compute_the_same_in_keras(folder: Path) -> None:
    """The weights of a Keras model say where each array goes, and what order its axes have.

    A whole model is written as the target is, and Keras loads it with the same weights.
    """
    nets = {name: loaded(name, folder / f"{name}.pt") for name in NETS}
    ask("nets_in_keras.py", "jax", folder, "like")
    for name, net in nets.items():
        here, there = folder / f"{name}.pt", folder / f"{name}.weights.h5"
        ported(here, "--to", "keras", "--like", folder / f"{name}.like.weights.h5", "-o", there)
        ported(there, "--to", "torch", "--like", here, "-o", folder / f"{name}.keras.pt")
        back = torch.load(folder / f"{name}.keras.pt", weights_only=True)
        counts = {n: t for n, t in net.state_dict().items() if t.ndim == 0}
        assert all(torch.equal(t, back[n]) for n, t in net.state_dict().items() if n not in counts)
    like, whole = folder / "MobileNetV2.like.keras", folder / "MobileNetV2.keras"
    ported(folder / "MobileNetV2.pt", "--to", "keras", "--like", like, "-o", whole)
    ask("nets_in_keras.py", "jax", folder, "run")
    for name, net in nets.items():
        nearness.assert_as_near_as_rounding(
            net, np.load(folder / "x.npy"), np.load(folder / f"{name}.keras.npy")
        )
    same = (np.load(folder / f"MobileNetV2.{name}.npy") for name in ("keras", "whole"))
    assert np.array_equal(*same)
