"""Trees of Flax: folders of Orbax's, and those of nnx, which have no collections."""

import filecmp
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bnparity.backends import UsageError
from bnparity.backends.environments import interpreter_of, made_environments
from bnparity.cli import run_command
from bnparity.porting import read_checkpoint
from bnparity.porting.checkpoints.formats import flax_msgpack, orbax_script
from tensors_at_hand import tensor_of

AUTHORED = Path(__file__).parents[2] / "authored"
SCRIPT, LIMITED = AUTHORED / "flax_trees.py", AUTHORED / "orbax_limited.py"

#: A BatchNorm and a kernel as a module of nnx has them.
TREE: Mapping[str, Any] = {
    "bn/bias": np.array([0.5, 1.5], np.float32),
    "bn/mean": np.array([1.0, 2.0], np.float32),
    "bn/scale": np.array([2.0, 3.0], np.float32),
    "bn/var": np.array([3.0, 4.0], np.float32),
    "fc/kernel": np.arange(6, dtype=np.float32).reshape(3, 2),
}


def written(path: Path, tree: Mapping[str, Any] = TREE) -> Path:
    """Return a file of the arrays."""
    with path.open("wb") as file:
        flax_msgpack.write(file, [tensor_of(name, array) for name, array in tree.items()])
    return path


def ported(*words: str | Path) -> None:
    """Port, which has to succeed."""
    assert run_command(["port", *map(str, words)]) == 0


@pytest.fixture(scope="module")
def of_flax(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder where Flax has read tree.msgpack, and Orbax saved a module."""
    if "jax" not in made_environments():
        pytest.skip("flax is not installed")
    folder = tmp_path_factory.mktemp("trees")
    written(folder / "tree.msgpack")
    subprocess.run([interpreter_of("flax"), str(SCRIPT)], cwd=folder, check=True, timeout=300)
    return folder


def test_flax_reads_and_writes_the_same(of_flax: Path) -> None:
    """A tree of ours is one of Flax's, and one of its own is read."""
    with np.load(of_flax / "tree.npz") as read:
        assert all(np.array_equal(read[name], array) for name, array in TREE.items())
    again = {t.name: t.read() for t in flax_msgpack.read(of_flax / "again.msgpack")}
    assert all(np.array_equal(again[name], array) for name, array in TREE.items())


def test_folder_of_orbax_is_read_and_written(
    of_flax: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The state of a module of nnx becomes PyTorch's, and that a tree of linen's."""
    middle, end = tmp_path / "torch.npz", tmp_path / "linen.orbax"
    ported(of_flax / "nnx", "--to", "torch", "-o", middle)
    with np.load(middle) as found:
        assert found["bn.running_var"].tolist() == [3.0, 4.0]
        assert found["fc.weight"].shape == (2, 3)
        kernel = found["fc.weight"].T
    ported(middle, "--to", "flax", "-o", end)
    tensors = read_checkpoint(end).tensors
    assert tensors["batch_stats/bn/mean"].read().tolist() == [1.0, 2.0]
    assert np.array_equal(tensors["params/fc/kernel"].read(), kernel)
    assert run_command(["port", str(middle), "--to", "flax", "-o", str(end)]) == 2
    assert "is a folder" in capsys.readouterr().err


def test_folder_of_orbax_without_its_arrays_is_one_line(
    of_flax: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says that they are missing, and nothing is written."""
    damaged, out = tmp_path / "nnx", tmp_path / "out.npz"
    shutil.copytree(of_flax / "nnx", damaged, ignore=shutil.ignore_patterns("d"))
    assert run_command(["port", str(damaged), "--to", "torch", "-o", str(out)]) == 2
    err = capsys.readouterr().err
    assert "is missing or broken: save it again" in err
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == [damaged]


def test_folder_of_orbax_larger_than_memory_is_written_and_read(tmp_path: Path) -> None:
    """Array by array, to the bit."""
    if "jax" not in made_environments():
        pytest.skip("orbax is not installed")
    command = [interpreter_of("flax"), str(LIMITED), orbax_script.__file__]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-600:]
    for name in ("header", "data"):
        assert filecmp.cmp(tmp_path / name, tmp_path / f"again.{name}", shallow=False)
    shutil.rmtree(tmp_path)  # a gigabyte


def test_array_that_flax_would_cut_up_is_refused(tmp_path: Path) -> None:
    """The message says how large it is, and nothing is read to find that out."""
    large = replace(tensor_of("fc/kernel", TREE["fc/kernel"]), shape=(1 << 28,))
    with (
        (tmp_path / "a.msgpack").open("wb") as file,
        pytest.raises(UsageError, match=r"fc/kernel has 1073741824 bytes: .* Orbax"),
    ):
        flax_msgpack.write(file, [large])


@pytest.mark.parametrize("ending", ["", "/value"])
def test_tree_of_nnx_is_ported_there_and_back(ending: str, tmp_path: Path) -> None:
    """To the bit, under the names that it had; those of the variables themselves too."""
    tree = {name + ending: array for name, array in TREE.items()}
    here, middle, back = (
        written(tmp_path / "a.msgpack", tree),
        tmp_path / "t.npz",
        tmp_path / "b.msgpack",
    )
    ported(here, "--to", "torch", "-o", middle)
    with np.load(middle) as found:
        assert found["bn.running_mean"].tolist() == [1.0, 2.0]
    ported(middle, "--to", "flax", "--like", here, "-o", back)
    again = {t.name: t.read() for t in flax_msgpack.read(back)}
    assert {n: a.tobytes() for n, a in again.items()} == {n: a.tobytes() for n, a in tree.items()}


@pytest.mark.parametrize(
    ("size", "said"), [(None, "has no _METADATA"), (10 << 30, "its _METADATA has more than")]
)
def test_folder_that_is_no_tree_is_one_line(
    size: int | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says what a folder of Orbax's has; ten gigabytes of zeros are not read to say so."""
    if size is not None:
        with (tmp_path / "_METADATA").open("wb") as file:
            file.truncate(size)
    assert run_command(["port", str(tmp_path), "--to", "torch"]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
