"""Networks of Flax, of linen and of nnx, next to the one of PyTorch that they are ported from."""

from collections.abc import Mapping
from importlib import import_module

import pytest
from bnparity.sessions.parity.models import ModelComparison, compare_models
from bnparity.sessions.parity.recording import read_recording
from bnparity.sessions.parity.watching import record
from parting import recorded_there

pytest.importorskip("torch")
torch_model = import_module("authored.torch_model")  # which imports torch

#: By what is wrong: where the models part, by what, and a part of the reason.
TOLD = {
    "momentum_of_torch": ("training", "bn2", "convention", "momentum is 0.1 and 0.9"),
    "other_activation": ("inference", "bn2", "elsewhere", "the data that reach it from bn1"),
}


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, ModelComparison]:
    """Return the comparison of PyTorch's network with each of Flax's, recorded in one go."""
    folder = tmp_path_factory.mktemp("models")
    recorded_there("flax", "jax", "net.msgpack", "flax_models.py", folder)
    (folder / "ours").mkdir()
    framework, net = record.watching("torch"), torch_model.net()
    record.save(framework, record.record(framework, net, torch_model.data()), folder / "ours")
    ours = read_recording("ours", folder / "ours")
    names = ("in_linen", "in_nnx", *TOLD)
    return {name: compare_models(ours, read_recording(name, folder / name)) for name in names}


@pytest.mark.parametrize("name", ["in_linen", "in_nnx"])
def test_network_that_is_ported_rightly_parts_nowhere(
    name: str, compared: Mapping[str, ModelComparison]
) -> None:
    """Its results are as far apart as a rounding takes them, in either mode."""
    found = compared[name]
    assert found.parting is None, found.in_words()
    assert found.compared == 4
    assert all(0 < far <= 32 for far in found.roundings.values())


@pytest.mark.parametrize("name", TOLD)
def test_mistake_is_found_and_named(name: str, compared: Mapping[str, ModelComparison]) -> None:
    """The layer has the name that the model gives it, compiled or not."""
    parting = compared[name].parting
    mode, layer, by, reason = TOLD[name]
    assert parting is not None
    assert (parting.mode, parting.layer, parting.other, parting.by) == (mode, layer, layer, by)
    assert reason in parting.reason
