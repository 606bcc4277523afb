"""What is written in a format is what its own library reads, and what that writes is read here."""

from collections.abc import Iterator
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
from bnparity.porting.checkpoints.tensors import DTYPES, Tensor
from safetensors import numpy as library
from tensors_at_hand import tensor_of

torch = pytest.importorskip("torch")

#: The writer and the reader of each format that takes any names.
FORMATS = {
    "model.pt": (torch_pt.write, torch_pt.read),
    "model.ckpt": (mindspore_ckpt.write, mindspore_ckpt.read),
    "model.safetensors": (safetensors.write, safetensors.read),
    "model.npz": (npz.write, npz.read),
    "model.msgpack": (flax_msgpack.write, flax_msgpack.read),
}


def arrays() -> Iterator[tuple[str, Any]]:
    """Yield an array of each format that NumPy has a name for, a single number and none."""
    rng = np.random.default_rng(0)
    for name in ("bool", "int8", "int32", "int64", "float16", "float32", "float64", "bfloat16"):
        yield f"of.{name}", (100 * rng.standard_normal((3, 2))).astype(DTYPES[name])
    yield "of.one", np.asarray(7, np.int64)
    yield "of.none", np.zeros((0, 3), np.float32)


def tensors() -> list[Tensor]:
    """Return the arrays as the writers take them."""
    return [tensor_of(name, array) for name, array in arrays()]


def written(path: Path) -> Path:
    """Return a file of the arrays in the format of its name."""
    with path.open("wb") as file:
        FORMATS[path.name][0](file, tensors())
    return path


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_again(name: str, tmp_path: Path) -> None:
    """Each format of elements comes back to the bit, with its shape."""
    found = {t.name: t.read() for t in FORMATS[name][1](written(tmp_path / name))}
    assert {n: (a.dtype, a.shape, a.tobytes()) for n, a in found.items()} == {
        n: (a.dtype, a.shape, a.tobytes()) for n, a in arrays()
    }


@pytest.mark.parametrize("mapped", [True, False])
def test_torch_loads_what_is_written(mapped: bool, tmp_path: Path) -> None:
    """With its own safe loader, mapped or not, and without a word of complaint."""
    path = written(tmp_path / "model.pt")
    found = torch.load(path, weights_only=True, mmap=mapped)
    assert list(found) == [name for name, _ in arrays()]
    for name, array in arrays():
        tensor = found[name].view(torch.int16) if name == "of.bfloat16" else found[name]
        bits = array.view(np.int16) if name == "of.bfloat16" else array
        assert np.array_equal(tensor.numpy(), bits)
        assert tensor.shape == array.shape


def test_what_torch_saves_is_read(tmp_path: Path) -> None:
    """Views, tensors that share a storage and parameters are read as they are."""
    base = torch.arange(12.0).reshape(3, 4)
    state = {"a": base, "b": base.T, "c": base[1:, ::2], "d": torch.nn.Parameter(base[0])}
    torch.save(state, tmp_path / "model.pt")
    found = {t.name: t.read() for t in torch_pt.read(tmp_path / "model.pt")}
    assert all(np.array_equal(found[n], t.detach().numpy()) for n, t in state.items())


def test_part_of_a_checkpoint_is_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with an optimizer beside the state dict says which parts it has."""
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 2, 1), torch.nn.BatchNorm2d(2))
    path = tmp_path / "model.pt"
    torch.save({"state_dict": net.state_dict(), "epoch": 3}, path)
    assert run_command(["port", str(path), "--to", "mindspore"]) == 2
    assert "--key state_dict" in capsys.readouterr().err
    assert run_command(["port", str(path), "--to", "mindspore", "--key", "state_dict"]) == 0


def test_libraries_read_what_is_written(tmp_path: Path) -> None:
    """NumPy and safetensors read their formats."""
    with np.load(written(tmp_path / "model.npz")) as found:
        for name, array in arrays():
            if name != "of.bfloat16":
                assert np.array_equal(found[name], array)
    loaded = library.load_file(written(tmp_path / "model.safetensors"))
    assert all(np.array_equal(loaded[name], array) for name, array in arrays())


def test_compressed_archive_is_read(tmp_path: Path) -> None:
    """One array at a time."""
    np.savez_compressed(tmp_path / "model.npz", x=np.arange(5.0))
    (tensor,) = npz.read(tmp_path / "model.npz")
    assert np.array_equal(tensor.read(), np.arange(5.0))
