"""Running variances become those that the target would have kept, where n is known."""

from pathlib import Path

import numpy as np
import pytest
from bnparity.cli import run_command
from bnparity.porting import read_checkpoint
from bnparity.porting.checkpoints.formats import npz
from tensors_at_hand import tensor_of

#: Values a channel in each batch.
COUNT = 6


def averaged(*, ddof: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
    """Return what ten batches leave of a running variance that was zero."""
    rng, running = np.random.default_rng(0), np.zeros(3)
    for _ in range(10):
        running = 0.9 * running + 0.1 * rng.standard_normal((COUNT, 3)).var(0, ddof=ddof)
    return running.astype(np.float32)


def model(folder: Path) -> Path:
    """Return a checkpoint of PyTorch's, with two layers alike."""
    arrays = {
        f"{layer}.{name}": array
        for layer in ("a", "b")
        for name, array in (
            ("running_mean", np.zeros(3, np.float32)),
            ("running_var", averaged(ddof=1)),
        )
    }
    path = folder / "model.npz"
    with path.open("wb") as file:
        npz.write(file, [tensor_of(name, array) for name, array in arrays.items()])
    return path


def test_variance_is_the_one_that_the_target_would_have(tmp_path: Path) -> None:
    """Flax averages the biased variance; a layer that is not named keeps what it has."""
    out = tmp_path / "model.msgpack"
    words = ["port", str(model(tmp_path)), "--to", "flax", "-o", str(out)]
    assert run_command([*words, "--values", f"a={COUNT}"]) == 0
    found = read_checkpoint(out).tensors
    got, want = found["batch_stats/a/var"].read(), averaged(ddof=0)
    roundings = 3  # of what is multiplied, of the product, and of what it is compared with
    assert (abs(got - want) <= roundings * 2.0**-24 * want).all()
    assert np.array_equal(found["batch_stats/b/var"].read(), averaged(ddof=1))


@pytest.mark.parametrize(
    ("to", "value", "said"),
    [
        ("flax", "1", "from 2 up"),
        ("flax", "ab=3", "did you mean"),
        ("flax", "c=3", "no BatchNorm called 'c'"),
        ("mindspore", "3", "both average the unbiased variance"),
    ],
)
def test_wrong_values_are_one_line(
    to: str, value: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The line names the layer or the number."""
    assert run_command(["port", str(model(tmp_path)), "--to", to, "--values", value]) == 2
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
