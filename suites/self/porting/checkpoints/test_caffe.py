"""Caffe's blobs, by hand as its library writes them: sums that are divided by their factor."""

import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.cli import run_command
from bnparity.porting import read_checkpoint
from bnparity.porting.checkpoints.formats.protobuf import piece, varint

#: Blobs of a convolution, a BatchNorm, its Scale and a layer of one blob a channel.
BLOBS: Mapping[str, Any] = {
    "conv.0": np.arange(18, dtype=np.float32).reshape(2, 1, 3, 3),
    "bn.0": np.array([8.0, -4.0], np.float32),
    "bn.1": np.array([16.0, 2.0], np.float32),
    "bn.2": np.array([4.0], np.float32),
    "scale.0": np.array([1.5, 0.5], np.float32),
    "scale.1": np.array([0.25, -1.0], np.float32),
    "slope.0": np.array([0.1, 0.2], np.float32),
}
KINDS = {"conv": "Convolution", "bn": "BatchNorm", "scale": "Scale", "slope": "PReLU"}
#: What PyTorch has for them.
STATE = {
    "conv.weight": BLOBS["conv.0"],
    "bn.weight": BLOBS["scale.0"],
    "bn.bias": BLOBS["scale.1"],
    "bn.running_mean": np.array([2.0, -1.0], np.float32),
    "bn.running_var": np.array([4.0, 0.5], np.float32),
    "slope.weight": BLOBS["slope.0"],
}


def blob(array: Any) -> bytes:
    """Return a blob as Caffe writes it: its shape, and its packed elements."""
    sizes = b"".join(map(varint, array.shape))
    return piece(7, piece(7, piece(1, sizes)) + piece(5, array.tobytes()))


def net(blobs: Mapping[str, Any] = BLOBS) -> bytes:
    """Return a net of the layers that have these blobs, with an eps and a fraction of its own."""
    settings = b"".join(
        varint(number << 3 | 5) + struct.pack("<f", value)
        for number, value in ((2, 0.9), (3, 1e-3))
    )
    layers = []
    for layer, kind in KINDS.items():
        own = b"".join(blob(a) for name, a in blobs.items() if name.startswith(f"{layer}."))
        about = piece(1, layer.encode()) + piece(2, kind.encode()) + own
        layers.append(piece(100, about + (piece(139, settings) if kind == "BatchNorm" else b"")))
    return piece(1, b"net") + b"".join(layers)


def written(folder: Path, name: str, blobs: Mapping[str, Any] = BLOBS) -> Path:
    """Return a file of the blobs, an archive or a net."""
    path = folder / name
    if name.endswith(".npz"):
        np.savez(path, **blobs)
    else:
        path.write_bytes(net(blobs))
    return path


def ported(*words: str | Path) -> None:
    """Port, which has to succeed."""
    assert run_command(["port", *map(str, words)]) == 0


def arrays(path: Path) -> dict[str, Any]:
    """Return the arrays of an archive."""
    with np.load(path) as found:
        return dict(found)


@pytest.mark.parametrize("name", ["model.npz", "model.caffemodel"])
def test_sums_are_divided_by_their_factor(name: str, tmp_path: Path) -> None:
    """And weight and bias are those of the Scale layer; the rest is carried over."""
    out = tmp_path / "out.npz"
    ported(written(tmp_path, name), "--to", "torch", "-o", out)
    found = arrays(out)
    assert {n: a.tolist() for n, a in STATE.items()} | {"bn.num_batches_tracked": 0} == {
        n: a.tolist() for n, a in found.items()
    }


def test_net_says_eps_and_momentum(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As Caffe means them; PyTorch's momentum is the other share."""
    ported(written(tmp_path, "model.caffemodel"), "--to", "torch")
    said = capsys.readouterr().out
    assert "torch.nn.BatchNorm2d(2, eps=0.001, momentum=0.1)" in said
    assert "running_average: summed in caffe, blended in torch" in said


def test_state_becomes_blobs_with_the_factor_one_and_comes_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the bit; and the lines to write are the target's."""
    here, there, back = (tmp_path / name for name in ("a.npz", "blobs.npz", "b.npz"))
    np.savez(here, **STATE)
    ported(here, "--to", "caffe", "-o", there)
    said = " ".join(capsys.readouterr().out.split())
    assert "batch_norm_param { moving_average_fraction: 0.9 eps: 1e-05 }" in said
    blobs = arrays(there)
    assert list(blobs) == [name.replace("scale.", "bn_scale.") for name in BLOBS]
    assert blobs["bn.2"].tolist() == [1.0]
    ported(there, "--to", "torch", "-o", back)
    found = arrays(back)
    assert all(found[name].tobytes() == array.tobytes() for name, array in STATE.items())


@pytest.mark.parametrize("name", ["like.npz", "like.caffemodel"])
def test_target_is_written_with_other_arrays(name: str, tmp_path: Path) -> None:
    """Its layers keep their names, and a net is all else that it was."""
    here, out = tmp_path / "a.npz", tmp_path / name.replace("like", "out")
    np.savez(here, **STATE)
    others = {n: np.zeros_like(a) for n, a in BLOBS.items()}
    ported(here, "--to", "caffe", "--like", written(tmp_path, name, others), "-o", out)
    expected = {
        **BLOBS,
        "bn.0": STATE["bn.running_mean"],
        "bn.1": STATE["bn.running_var"],
        "bn.2": np.ones(1, np.float32),
    }
    if name.endswith(".npz"):
        assert {n: a.tolist() for n, a in arrays(out).items()} == {
            n: a.tolist() for n, a in expected.items()
        }
    else:
        assert out.read_bytes() == net(expected)


def test_layer_that_was_never_trained_is_zero(tmp_path: Path) -> None:
    """As Caffe has it, where nothing was added up and the factor is 0."""
    path = written(tmp_path, "model.npz", {**BLOBS, "bn.2": np.zeros(1, np.float32)})
    found = read_checkpoint(path).tensors
    assert found["bn.mean_of_sums"].read().tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    ("data", "words", "said"),
    [
        (net()[:150], ["-o", "out.npz"], "no net of Caffe"),
        (b"\x07" * 40, ["-o", "out.npz"], "no net of Caffe"),
        (piece(1, b"net"), ["-o", "out.npz"], "no layers as Caffe has them"),
        (net({**BLOBS, "bn.2": -BLOBS["bn.2"]}), ["-o", "out.npz"], "bn.2 is -4"),
        (net(), ["-o", "out.npz", "--verify"], "--verify runs layers of torch"),
        (net(), ["-o", "out.caffemodel"], "ends in .pt"),
    ],
    ids=["cut off", "garbage", "empty", "negative factor", "verified", "not torch's"],
)
def test_what_cannot_be_ported_is_one_line(
    data: bytes,
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing is written, or left half-written."""
    monkeypatch.chdir(tmp_path)
    Path("model.caffemodel").write_bytes(data)
    assert run_command(["port", "model.caffemodel", "--to", "torch", *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["model.caffemodel"]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"slope.alpha": np.ones(2, np.float32)}, "slope.alpha is no blob"),
        ({"bn.alpha": np.ones(2, np.float32)}, "bn.alpha is no blob"),
        ({"weight": np.ones(2, np.float32)}, "weight is no blob"),
        ({"conv.weight": None, "conv.bias": np.ones(2, np.float32)}, "conv.bias is no blob"),
    ],
)
def test_array_that_no_layer_of_caffe_has_is_refused(
    changes: Mapping[str, Any], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Blobs have numbers, so that its name would be lost."""
    here, out = tmp_path / "a.npz", tmp_path / "out.npz"
    np.savez(here, **{n: a for n, a in {**STATE, **changes}.items() if a is not None})
    assert run_command(["port", str(here), "--to", "caffe", "-o", str(out)]) == 2
    assert said in capsys.readouterr().err
    assert not out.exists()
