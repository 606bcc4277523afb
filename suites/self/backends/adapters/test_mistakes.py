"""What no adapter can make a backend of is told in one line before the first case."""

from pathlib import Path

import pytest
from bnparity.backends.adapters.told import in_brackets, told
from bnparity.backends.errors import UsageError
from bnparity.backends.load import load_target
from commanding import bnparity

AUTHORED = Path(__file__).parents[2] / "authored"

LAYERS = """
import torch

class Two(torch.nn.Module):
    def __init__(self, height, width): super().__init__()

class Masked(torch.nn.Module):
    def forward(self, x, mask): return x

class Broken(torch.nn.Module):
    def __init__(self, n): raise RuntimeError("no\\ndevice")

class Both(torch.nn.Module):
    def __init__(self, n):
        super().__init__()
        self.norm = torch.nn.BatchNorm1d(n)
    def forward(self, x): return self.norm(x), x

def misspelled(x, gamma, beta, bn_param): return x * gama, None

class Nothing:
    def __call__(self, x): return x

def seven(): return 7
"""


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """Return a file with layers that cannot be made, or not be called."""
    path = tmp_path / "layers.py"
    path.write_text(LAYERS)
    return path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Two", r"it takes \(height, width\): name a function of the number of channels"),
        ("Masked", "missing 1 required positional argument: 'mask'"),
        ("Broken", "RuntimeError: no: name a function"),
        (
            "Both",
            r"of 4 it .*got 4D.*, of 2 it .* tuple was returned, and a tensor is",
        ),
        ("misspelled", "of 2 it raised NameError: name 'gama' is not defined: see bnparity"),
        ("Nothing", r"takes \(\), a backend takes \(x, weight"),
        ("seven", r"takes \(\), a backend takes \(x, weight"),
    ],
)
def test_layer_that_cannot_be_called_is_told_in_a_line(layers: Path, name: str, said: str) -> None:
    """The line shows what was found, and what to do."""
    with pytest.raises(UsageError, match=said) as error:
        load_target(f"{layers}:{name}")
    assert "\n" not in str(error.value)


def test_other_signature_ends_the_command_before_the_first_case(tmp_path: Path) -> None:
    """The signature found and the contract's stand in one line, with the page that mends it."""
    target = f"{AUTHORED / 'textbook_pair.py'}:gain_first"
    done = bnparity("run", target, "--examples", "5", cwd=tmp_path)
    assert done.returncode == 2, done
    (line,) = done.stderr.splitlines()
    assert "takes (x, gain, offset), a backend takes (x, weight, bias, running_mean" in line
    assert "bnparity explain adapter" in line
    assert not done.stdout


def test_state_of_unknown_names_has_to_be_mapped() -> None:
    """What is kept is listed, and the option that says which is which; then it is judged."""
    target = f"{AUTHORED / 'torch_layers.py'}:Unnamed"
    with pytest.raises(UsageError, match=r"first, second.*--map running_mean=first"):
        load_target(target)
    with pytest.raises(UsageError, match=r"no 'furst' for running_mean.*did you mean first"):
        load_target(target, "running_mean=furst")


@pytest.mark.parametrize(
    ("kind", "mapped", "said"),
    [
        ("torch-modul", [], "did you mean torch-module"),
        (None, ["running_meen=ema"], "did you mean running_mean"),
        (None, ["running_mean"], "write OURS=THEIRS"),
        (None, ["running_mean="], "write OURS=THEIRS"),
    ],
)
def test_wrong_words_about_a_target_are_mistakes(
    kind: str | None, mapped: list[str], said: str
) -> None:
    """The message names the value and the remedy."""
    with pytest.raises(UsageError, match=said):
        in_brackets(kind, mapped)


def test_what_is_said_of_a_target_is_read_back() -> None:
    """It stands in brackets behind the name, so that a replay asks the same backend."""
    said = told(in_brackets("torch-module", ["running_mean=a.b", "eps=tiny"]))
    assert said.kind == "torch-module"
    assert said.names == {"running_mean": "a.b", "eps": "tiny"}


def test_options_are_about_a_layer_of_ones_own(tmp_path: Path) -> None:
    """With a built-in backend, or none, they say nothing."""
    for backends in (["torch"], []):
        done = bnparity("run", *backends, "--as", "torch-module", cwd=tmp_path)
        assert done.returncode == 2
        assert "name it, my_model.py:MyNorm" in done.stderr
