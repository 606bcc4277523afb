"""Models of ONNX: read, written with other initialisers, and made of a checkpoint alone."""

import json
import struct
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.backends import UsageError
from bnparity.cli import run_command
from bnparity.frontends.api import judge
from bnparity.porting import read_checkpoint
from bnparity.porting.checkpoints.formats import npz, onnx_graph
from bnparity.porting.checkpoints.formats.protobuf import piece, repeated, varint
from bnparity.porting.checkpoints.names import ARRAYS
from bnparity.porting.checkpoints.tensors import Tensor
from tensors_at_hand import tensor_of

#: Weight, bias, mean and variance of the layer of the model.
OF_ONNX = [np.full(2, value, np.float32) for value in (1.5, 0.5, 0.25, 2.0)]


def onnx_model(arrays: Iterable[Any], **said: float) -> bytes:
    """Return a model of one BatchNormalization, with names that say nothing, and two constants.

    These are taken by a node within another. The node has an epsilon, and what else is `said`.
    """

    def attribute(name: str, value: float) -> bytes:
        number = varint(2 << 3 | 5) + struct.pack("<f", value)
        return piece(5, piece(1, name.encode()) + number)

    def initialiser(name: str, array: Any) -> bytes:
        about = repeated(1, array.shape) + varint(2 << 3) + varint(7 if name == "axes" else 1)
        return piece(5, about + piece(8, name.encode()) + piece(9, array.tobytes()))

    names = [f"onnx::{letter}" for letter in "sbmv"]
    inputs = b"".join(piece(1, name.encode()) for name in ["x", *names])
    node = inputs + piece(3, b"/layer1/bn") + piece(4, b"BatchNormalization")
    node += b"".join(attribute(*each) for each in {"epsilon": 1e-3, **said}.items())
    held = [*zip(names, arrays, strict=True), ("axes", np.array([2, 3])), ("top", np.float32(6))]
    inner = piece(1, piece(1, b"axes") + piece(1, b"top"))
    branch = piece(1, piece(4, b"If") + piece(5, piece(6, inner)))
    graph = piece(1, node) + branch + b"".join(initialiser(name, array) for name, array in held)
    return piece(7, graph)


def test_onnx_model_says_eps_and_which_arrays_are_whose(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A node tells what its initialisers are; eps and momentum stand in the model."""
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_model(OF_ONNX))
    found = read_checkpoint(path)
    assert found.norms[0].layer == "layer1.bn"
    assert len(found.tensors) == 4
    assert found.tensors["layer1.bn.input_var"].read().tolist() == [2.0, 2.0]
    assert run_command(["port", str(path), "--to", "keras", "--like", str(path)]) == 2
    capsys.readouterr()
    assert run_command(["port", str(path), "--to", "mindspore"]) == 0
    assert "mindspore.nn.BatchNorm2d(2, eps=0.001, momentum=0.9)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "words", "told"),
    [
        ({}, ["--momentum", "1.5"], "--momentum 1.5: give"),
        ({"momentum": -1.0}, [], "layer1.bn says momentum -1: give"),
    ],
)
def test_momentum_that_no_layer_can_have_is_one_line(
    said: dict[str, float],
    words: list[str],
    told: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It tells one that stands in the file, and of which layer, from the user's own."""
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_model(OF_ONNX, **said))
    assert run_command(["port", str(path), "--to", "torch", *words]) == 2
    assert f"{told} a --momentum from 0 to 1" in capsys.readouterr().err


def test_onnx_model_is_written_with_other_initialisers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """All else of the given model stays; a port that does not fit it leaves no file."""
    like, out = tmp_path / "like.onnx", tmp_path / "out.onnx"
    like.write_bytes(onnx_model(OF_ONNX))
    for name, width in (("right.npz", 2), ("wide.npz", 3)):
        arrays = np.arange(4 * width, dtype=np.float32).reshape(4, width)
        names = ("gamma", "beta", "moving_mean", "moving_variance")
        with (tmp_path / name).open("wb") as file:
            npz.write(file, [tensor_of(f"n.{n}", a) for n, a in zip(names, arrays, strict=True)])
    words = ["--to", "onnx", "--like", str(like), "-o", str(out)]
    assert run_command(["port", str(tmp_path / "wide.npz"), *words]) == 2
    assert not out.exists()
    assert run_command(["port", str(tmp_path / "right.npz"), *words]) == 0
    assert out.read_bytes() == onnx_model(np.arange(8, dtype=np.float32).reshape(4, 2))
    said = " ".join(capsys.readouterr().out.split())
    assert "eps is 0.001 in --like, and has to be 1e-05: layer1.bn" in said


#: A linear layer and a convolution with a BatchNorm behind each, a buffer, and a lone BatchNorm.
STATE: Mapping[str, Any] = {
    "fc.weight": np.arange(12, dtype=np.float32).reshape(3, 4),
    "fc.steps": np.asarray(7, np.int64),
    **{f"flat.{name}": np.array([0.5, 2.0, 4.0], np.float32) for name in ARRAYS},
    "conv.weight": np.ones((2, 3, 1, 1), np.float32),
    **{
        f"block.bn.{name}": np.array([value, 2 * value], np.float32)
        for value, name in enumerate(ARRAYS, 1)
    },
    "block.bn.num_batches_tracked": np.asarray(3, np.int64),
}


def test_array_that_is_no_initialiser_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a new model, of which PyTorch exports equal arrays once."""
    path = tmp_path / "model.onnx"
    path.write_bytes(onnx_model(OF_ONNX).replace(b"onnx::v", b"onnx::w", 1))
    assert run_command(["port", str(path), "--to", "torch"]) == 2
    assert "onnx::w, which a BatchNormalization takes, is no initialiser" in capsys.readouterr().err


def of_torch(path: Path, state: Mapping[str, Any] = STATE) -> Path:
    """Return an archive of a state as PyTorch names it."""
    with path.open("wb") as file:
        npz.write(file, [tensor_of(name, array) for name, array in state.items()])
    return path


def ported(*words: str | Path) -> None:
    """Port, which has to succeed."""
    assert run_command(["port", *map(str, words)]) == 0


def bits(path: Path) -> dict[str, tuple[str, tuple[int, ...], bytes]]:
    """Return the arrays of a checkpoint, to be compared to the bit."""
    return {
        name: (t.dtype, t.shape, t.read().tobytes())
        for name, t in read_checkpoint(path).tensors.items()
    }


@pytest.mark.parametrize("state", [STATE, dict(zip(ARRAYS, OF_ONNX, strict=True))])
def test_there_and_back_is_the_same_to_the_bit(state: Mapping[str, Any], tmp_path: Path) -> None:
    """Buffers and counts of batches too; the eps comes back from the node."""
    here, there, back = of_torch(tmp_path / "a.npz", state), tmp_path / "m.onnx", tmp_path / "b.npz"
    ported(here, "--to", "onnx", "--eps", "0.001", "-o", there)
    ported(there, "--to", "torch", "-o", back)
    counts = [name for name in bits(back) if name.endswith("num_batches_tracked")]
    found = {name: each for name, each in bits(back).items() if name in state or name not in counts}
    assert found == bits(here)
    assert {said["eps"] for said in read_checkpoint(there).said.values()} == {0.001}


def test_layer_is_verified_in_onnx_runtime(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In inference and training, and the convention that parts the two is named."""
    for name in ("torch", "onnxruntime"):
        pytest.importorskip(name)
    here = of_torch(tmp_path / "a.npz", dict(zip(ARRAYS, OF_ONNX, strict=True)))
    ported(here, "--to", "onnx", "-o", tmp_path / "m.onnx", "--verify", "--json", "-")
    (parity,) = json.loads(capsys.readouterr().out)["parity"]
    assert all(0 < ratio <= 4 for ratio in parity["worst"].values())
    assert parity["conventions"] == ["running_variance (unbiased in torch, biased in onnx)"]


def test_model_passes_the_checker_and_runs(tmp_path: Path) -> None:
    """Each node takes data of the rank that the kernel before it says, and normalises them."""
    onnx, runtime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    path = tmp_path / "model.onnx"
    ported(of_torch(tmp_path / "a.npz"), "--to", "onnx", "--momentum", "0.3", "-o", path)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [a.f for a in model.graph.node[1].attribute if a.name == "momentum"] == [np.float32(0.7)]
    options = runtime.SessionOptions()
    options.log_severity_level = 3  # it warns of each array that no node takes
    session = runtime.InferenceSession(path, options)
    rng = np.random.default_rng(0)
    shapes = {"flat.X": (5, 3), "block.bn.X": (5, 2, 3, 4)}
    feeds = {name: rng.standard_normal(of).astype(np.float32) for name, of in shapes.items()}
    (result,) = session.run(["block.bn.Y"], feeds)
    inputs = {name: STATE[f"block.bn.{name}"] for name in ARRAYS} | {"x": feeds["block.bn.X"]}
    verdict = judge(
        {"output": result}, inputs, training=False, momentum=0.3, eps=1e-5, dialect="onnx"
    )
    assert verdict.status == "pass", verdict.explain()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # the exporter warns of itself
def test_model_that_pytorch_exports_is_filled_and_runs(tmp_path: Path) -> None:
    """ONNX Runtime then computes what PyTorch does with that state."""
    torch, runtime = pytest.importorskip("torch"), pytest.importorskip("onnxruntime")
    nets = import_module("authored.torch_model")
    net, other, like, out = nets.net(), nets.net(), tmp_path / "like.onnx", tmp_path / "out.onnx"
    with torch.no_grad():
        for tensor in other.state_dict().values():
            tensor.mul_(2)
    torch.save(net.state_dict(), tmp_path / "net.pt")
    x = torch.from_numpy(nets.data())
    unfused = {"training": torch.onnx.TrainingMode.PRESERVE, "do_constant_folding": False}
    torch.onnx.export(other.eval(), (x,), like, dynamo=False, **unfused)
    ported(tmp_path / "net.pt", "--to", "onnx", "--like", like, "-o", out)
    session = runtime.InferenceSession(out)
    (result,) = session.run(None, {session.get_inputs()[0].name: x.numpy()})
    import_module("nearness").assert_as_near_as_rounding(net, x.numpy(), result)
    ported(out, "--to", "torch", "-o", tmp_path / "back.npz")
    state, back = net.state_dict(), read_checkpoint(tmp_path / "back.npz").tensors
    arrays = (name for name, tensor in state.items() if tensor.ndim)
    assert all(np.array_equal(back[name].read(), state[name].numpy()) for name in arrays)


@pytest.mark.parametrize(
    ("changes", "words", "said"),
    [
        ({"phase": np.ones(3, np.complex64)}, [], "phase is complex64"),
        ({}, ["--map", "flat.weight=other"], "flat has no scale"),
    ],
)
def test_what_no_model_can_hold_is_one_line(
    changes: Mapping[str, Any],
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And no file is left."""
    path, out = of_torch(tmp_path / "a.npz", {**STATE, **changes}), tmp_path / "m.onnx"
    assert run_command(["port", str(path), "--to", "onnx", "-o", str(out), *words]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [path]


def test_model_beyond_what_protobuf_reads_is_refused(tmp_path: Path) -> None:
    """Before a byte of it is written."""
    large = Tensor(name="e", dtype="float32", shape=(1, 1 << 29), read=lambda: np.ones(0))
    with (tmp_path / "m.onnx").open("wb") as file, pytest.raises(UsageError, match="at most"):
        onnx_graph.write(file, [large], {})
    assert (tmp_path / "m.onnx").stat().st_size == 0
