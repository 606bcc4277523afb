"""Ported layers run in both frameworks: parity, or the layer, the step and the reason."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
from bnparity.backends.environments import made_environments
from bnparity.porting import plan, port_settings, read_checkpoint, targets_of
from bnparity.porting.checkpoints.formats import npz
from bnparity.sessions import LayerParity, verify_port
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


def verified(folder: Path, *maps: str) -> list[LayerParity]:
    """Return what is seen of the layers, ported from PyTorch to MindSpore."""
    pytest.importorskip("torch")
    path = folder / "model.npz"
    with path.open("wb") as file:
        npz.write(file, [tensor_of(n, np.array(a, np.float32)) for n, a in STATE.items()])
    source = read_checkpoint(path)
    port = plan(source, "mindspore", targets_of(source, "mindspore", maps=maps))
    settings = {n.norm.layer: port_settings(port, n, eps=None, momentum=0.3) for n in port.norms}
    return list(verify_port(port, settings))


def test_swapped_arrays_are_found_and_named_and_the_others_pass(tmp_path: Path) -> None:
    """The layer whose mean and variance went astray is told, and the step at which it shows."""
    swapped = (
        "b.running_mean=b.moving_variance",
        "b.running_var=b.moving_mean",
    )
    right, wrong = verified(tmp_path, *swapped)
    assert (right.layer, right.reason) == ("a", "")
    assert all(0 < ratio <= 4 for ratio in right.worst.values())
    assert wrong.layer == "b"
    assert "its running_mean is the source's running_var" in wrong.reason
    assert "mindspore at inference: " in wrong.reason
