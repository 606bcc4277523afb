"""Networks of SyncBatchNorm are ported as those of BatchNorm are, and compared with them."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.cli import run_command
from bnparity.sessions.parity.models import Parting, compare_models
from bnparity.sessions.parity.recording import Recording, read_recording
from bnparity.sessions.parity.watching import record

torch = pytest.importorskip("torch")
torch_model = import_module("authored.torch_model")  # which imports torch


def converted() -> Any:
    """Return the network with layers that synchronise."""
    return torch.nn.SyncBatchNorm.convert_sync_batchnorm(torch_model.net())


def by_hand(net: Any) -> Any:
    """Return a network of plain layers again, made as people make it: momentum is forgotten."""
    for name, layer in list(net.named_children()):
        if isinstance(layer, torch.nn.SyncBatchNorm):
            plain = torch.nn.BatchNorm2d(layer.num_features, eps=layer.eps)
            plain.load_state_dict(layer.state_dict())
            setattr(net, name, plain)
    return net


def recorded(folder: Path, name: str, net: Any) -> Recording:
    """Return the calls of a network's layers."""
    (folder / name).mkdir()
    framework = record.watching("torch")
    record.save(framework, record.record(framework, net, torch_model.data()), folder / name)
    return read_recording(name, folder / name)


def test_checkpoint_is_ported_there_and_back_as_that_of_plain_layers(tmp_path: Path) -> None:
    """The files in MindSpore's names are the same to the bit, and what comes back is loaded."""
    for name, make in (("plain", torch_model.net), ("synchronised", converted)):
        begin, middle, end = (tmp_path / f"{name}{suffix}" for suffix in (".pt", ".ckpt", ".npz"))
        torch.save(make().state_dict(), begin)
        assert run_command(["port", str(begin), "--to", "mindspore", "-o", str(middle)]) == 0
        assert run_command(["port", str(middle), "--to", "torch", "-o", str(end)]) == 0
        with np.load(end) as back:
            state = {key: torch.from_numpy(array) for key, array in back.items()}
        assert all(torch.equal(state[key], t) for key, t in make().state_dict().items())
        make().load_state_dict(state)
    assert (tmp_path / "plain.ckpt").read_bytes() == (tmp_path / "synchronised.ckpt").read_bytes()


@pytest.mark.parametrize(
    ("change", "reason"),
    [(lambda net: net, ""), (by_hand, "momentum is 0.3 and 0.1")],
    ids=["converted", "back by hand"],
)
def test_models_part_only_where_the_way_back_forgets(
    change: Callable[[Any], Any], reason: str, tmp_path: Path
) -> None:
    """The conversion changes nothing of a network; one that loses the momentum is told."""
    nets = torch_model.net(), converted()
    for net in nets:
        net.bn1.momentum = 0.3
    plain, other = nets[0], change(nets[1])
    found = compare_models(recorded(tmp_path, "plain", plain), recorded(tmp_path, "b", other))
    assert found.compared == 4
    said = found.parting or Parting(mode="", layer="", other="", by="", reason="")
    assert reason == said.reason, found.in_words()
