"""What is translated is what the installed frameworks take."""

import inspect
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from bnparity.backends.environments import interpreter_of
from bnparity.porting.translation import Untranslatable, translate
from bnparity.porting.translation.signatures import KINDS, Api, signature
from bnparity.porting.translation.source import parse_call
from bnparity.porting.translation.state import checkpoint_names

ASKED = [
    f"torch.nn.{kind}({arguments})"
    for kind in KINDS
    for arguments in ("3", "3, eps=1", "3, momentum=0.2", "3, affine=False, momentum=1")
]

#: Within and beyond what MindSpore takes.
EPSILONS = (0.0, 1e-320, 1e-44, 1e-5, 1.0, 1.00000001, 1.0000001, 1.5)


def described(api: Api, kind: str) -> dict[str, str]:
    """Return the defaults in bnparity's table, as ``frameworks.described`` does."""
    return {
        name: "" if p.default is p.empty else f"{p.kind.name}={p.default!r}"
        for name, p in signature(api, kind).parameters.items()
    }


@pytest.fixture(scope="module")
def mindspore() -> Any:
    """Return what MindSpore says of itself and of the translated calls, asked once."""
    calls = [translate(source, to="mindspore") for source in ASKED]
    done = subprocess.run(
        [
            interpreter_of("mindspore"),
            str(Path(__file__).with_name("frameworks.py")),
            json.dumps(EPSILONS),
        ],
        input=json.dumps(calls),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    if "No module named 'mindspore'" in done.stderr:
        pytest.skip("mindspore is not installed")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("kind", KINDS)
def test_signatures_are_those_of_torch(kind: str) -> None:
    """Names, order, kinds and defaults of the parameters."""
    nn = pytest.importorskip("torch").nn
    parameters = inspect.signature(getattr(nn, kind)).parameters
    real = {
        name: "" if p.default is p.empty else f"{p.kind.name}={p.default!r}"
        for name, p in parameters.items()
    }
    assert list(real.items()) == list(described("torch", kind).items())


@pytest.mark.parametrize("kind", KINDS)
def test_signatures_are_those_of_mindspore(kind: str, mindspore: Any) -> None:
    """Names, order, kinds and defaults of the parameters."""
    ours = described("mindspore", kind)
    ours["dtype"] = ours["dtype"].replace("'float32'", "mindspore.float32")
    assert list(mindspore["signatures"][kind].items()) == list(ours.items())


@pytest.mark.parametrize("source", ASKED)
def test_mindspore_makes_the_layer_that_the_call_means(source: str, mindspore: Any) -> None:
    """State names, the share of the new batch, eps and what can be trained."""
    layer = mindspore["layers"][ASKED.index(source)]
    _, asked = parse_call(source, "mindspore")
    names = checkpoint_names("mindspore", asked.kind).values()
    assert layer["names"] == sorted(names)
    assert layer["trainable"] is asked.get("affine")
    assert layer["eps"] == asked.get("eps")
    assert abs(layer["share"] - asked.get("momentum")) <= 2.0**-53


@pytest.mark.parametrize("eps", EPSILONS)
def test_mindspore_refuses_the_eps_that_is_refused(eps: float, mindspore: Any) -> None:
    """The range is that of the kernel, which rounds eps to float32 first."""
    expected = "moved" if translates(f"eps={eps!r}") else "refused"
    assert mindspore["steps"][f"eps={eps!r}"] == expected


@pytest.mark.parametrize("momentum", [None, -0.1, 1.5, 0.5])
def test_mindspore_refuses_the_momentum_that_is_refused(momentum: Any, mindspore: Any) -> None:
    """None and what is outside of 0 to 1 make no layer of MindSpore's."""
    expected = "moved" if translates(f"momentum={momentum!r}") else "refused"
    assert mindspore["steps"][f"momentum={momentum!r}"] == expected


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "bfloat16"])
def test_mindspore_trains_in_the_dtypes_that_are_translated(dtype: str, mindspore: Any) -> None:
    """Only float32 statistics move; those of float16 stay, and the others cannot be run."""
    moved = mindspore["steps"][f"dtype={dtype!r}"] == "moved"
    assert moved is translates(f"dtype=torch.{dtype}")


def translates(argument: str) -> bool:
    """Return whether a layer of torch's with `argument` is translated without a loss."""
    try:
        translate(f"torch.nn.BatchNorm1d(3, {argument})", to="mindspore")
    except Untranslatable:
        return False
    return True


@pytest.mark.parametrize("source", ASKED)
def test_torch_makes_the_layer_that_comes_back(source: str) -> None:
    """State names, momentum and eps of the call after there and back."""
    torch = pytest.importorskip("torch")
    back = translate(translate(source, to="mindspore"), to="torch")
    layer, again = (eval(text, {"torch": torch}) for text in (source, back))  # noqa: S307
    assert list(again.state_dict()) == list(layer.state_dict())
    assert (again.momentum, again.eps, again.affine) == (layer.momentum, layer.eps, layer.affine)


@pytest.mark.parametrize("kind", KINDS)
def test_checkpoint_names_are_those_of_torch(kind: str) -> None:
    """A new layer's state_dict has the names that a record's checkpoint has."""
    nn = pytest.importorskip("torch").nn
    assert list(getattr(nn, kind)(3).state_dict()) == list(checkpoint_names("torch", kind).values())
