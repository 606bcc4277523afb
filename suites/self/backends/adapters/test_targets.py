"""What a target is taken for, and what it can be asked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from authored import textbook_pair, torch_layers
from bnparity.backends.adapters.kinds import kind_of_function, kind_of_layer
from bnparity.backends.environments import imported_by, interpreter_of
from bnparity.backends.load import capabilities, load_target
from bnparity.backends.open import opened_here
from bnparity.backends.torch import BACKEND
from bnparity.kernels.numpy_kernel import batch_norm

AUTHORED = Path(__file__).parents[2] / "authored"


def seen(name: str, variant: str = "") -> dict[str, Any]:
    """Return the capabilities of a target among the authored ones."""
    return capabilities(load_target(f"{AUTHORED}/{name}", variant))


def test_kinds_are_seen_without_a_framework_being_named() -> None:
    """By type and signature; what takes whatever comes is a function of the contract."""
    assert kind_of_layer(torch_layers.Affine) == "torch-module"
    assert kind_of_layer(torch_layers.instance) == "torch-module"
    assert kind_of_layer(batch_norm) == ""
    assert kind_of_function(batch_norm) == "function"
    assert kind_of_function(BACKEND) == "function"
    assert kind_of_function(lambda *_, **__: {}) == "function"
    assert kind_of_function(torch_layers.batch_norm) == "torch-function"
    assert kind_of_function(textbook_pair.batchnorm_forward) == "forward-backward"
    assert kind_of_function(textbook_pair.gain_first) == ""


def test_what_it_was_taken_for_is_told() -> None:
    """How it is switched, and where it keeps its state, stand in one line."""
    assert seen("torch_layers.py:Affine")["taken_for"] == (
        "a torch.nn.Module class: training by .train(), state weight, bias, running_mean, "
        "running_var; data with negative strides are copied"
    )
    assert capabilities(batch_norm)["taken_for"] == ""


def test_layer_is_asked_what_it_can_have() -> None:
    """Ranks, parameters, statistics, settings and channels are found out by calling it."""
    frozen = seen("torch_layers.py:Frozen")
    assert frozen["ranks"] == [4]
    assert frozen["fixed"] == ["eps", "momentum"]
    assert frozen["tracked"] == [True]
    assert "grad_weight" not in frozen["outputs"]
    assert seen("torch_layers.py:Centred")["affines"] == ["none"]
    assert seen("torch_layers.py:Centred")["ranks"] == [2, 3, 4, 5]
    assert seen("torch_layers.py:instance")["channels"] == 3


def test_unknown_names_are_mapped() -> None:
    """With the names that the user gives, it is a layer like any other."""
    said = seen("torch_layers.py:Unnamed", "running_mean=first,running_var=second")
    assert "state first, second;" in said["taken_for"]


def test_pair_may_be_named_by_both_halves() -> None:
    """A forward pass alone has no gradients, unless its other half is beside it."""
    both = seen("textbook_pair.py:apply+differentiate")
    assert both["taken_for"].startswith("a forward pass with a dictionary of settings, then ")
    assert "grad_input" in both["outputs"]
    assert both["ranks"] == [2]


def test_attributes_of_the_author_win() -> None:
    """What a class says of itself is not guessed."""

    class Said(torch_layers.Affine):
        dialect = "torch"
        degenerate = True
        ranks = (4,)

    said: Any = Said
    assert opened_here(said).capabilities.degenerate is True


def test_instance_is_left_as_it_is() -> None:
    """Each call has a copy: the author's layer keeps its state and its mode."""
    before = {name: t.clone() for name, t in torch_layers.instance.state_dict().items()}
    backend = load_target(f"{AUTHORED}/torch_layers.py:instance")
    x, ones = np.ones((2, 3, 2, 2), np.float32), np.ones(3, np.float32)
    backend(x, ones, ones, ones, ones, training=True, momentum=0.5, eps=0.1)
    assert torch_layers.instance.training
    after = torch_layers.instance.state_dict()
    assert all((after[name] == t).all() for name, t in before.items())


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_tensors_come_in_every_format(dtype: str) -> None:
    """bfloat16 reaches PyTorch, and comes back, without the author's doing."""
    import ml_dtypes

    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    x, ones = np.ones((2, 3, 2, 2), kind), np.ones(3, kind)
    backend = load_target(f"{AUTHORED}/torch_layers.py:Affine")
    returned = backend(
        x, ones, ones, ones, ones, training=True, momentum=0.5, eps=0.1, grad_output=x
    )
    assert {a.dtype for a in returned.values() if a is not None} == {kind}


def test_file_runs_where_the_framework_it_imports_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An environment is chosen by an import that cannot be had here."""
    monkeypatch.setenv("BNPARITY_ENVS", str(tmp_path))
    python = tmp_path / "nowhere_to_be_found" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    (tmp_path / "nowhere_to_be_found" / ".complete").touch()
    file = tmp_path / "layer.py"
    file.write_text("import numpy as np\nfrom nowhere_to_be_found.nn import Norm\n")
    assert imported_by(file) == ["nowhere_to_be_found", "numpy"]
    assert interpreter_of(f"{file}:Norm") == str(python)
