"""What one API cannot say of the other's layers: refused with every reason, or lost by name."""

from typing import Any

import numpy as np
import pytest
from bnparity.porting.translation import Layer, Untranslatable, translate
from bnparity.porting.translation.signatures import Api, other

HALVES = {name: np.full(3, 0.5, np.float32) for name in ("gamma", "beta", "mean", "variance")}

#: API, class, arguments and state that cannot be translated at all; the argument named; the reason.
HOPELESS: dict[str, tuple[Api, str, dict[str, Any], str, str]] = {
    "cumulative average": ("torch", "BatchNorm2d", {"momentum": None}, "momentum=None", "average"),
    "negative momentum": ("torch", "BatchNorm2d", {"momentum": -0.1}, "momentum=-0.1", "0 to 1"),
    "large momentum": ("torch", "BatchNorm2d", {"momentum": 1.5}, "momentum=1.5", "0 to 1"),
    "momentum NaN": ("torch", "BatchNorm2d", {"momentum": np.nan}, "momentum=nan", "0 to 1"),
    "no eps": ("torch", "BatchNorm2d", {"eps": 0}, "eps=0.0", "above 0"),
    "large eps": ("torch", "BatchNorm2d", {"eps": 1.5}, "eps=1.5", "up to 1"),
    "huge eps": ("torch", "BatchNorm2d", {"eps": 1e300}, "eps=1e+300", "up to 1"),
    "tiny eps": ("torch", "BatchNorm2d", {"eps": 1e-320}, "eps=1e-320", "float32"),
    "eps NaN": ("torch", "BatchNorm2d", {"eps": np.nan}, "eps=nan", "above 0"),
    "double": ("torch", "BatchNorm2d", {"dtype": "float64"}, "dtype='float64'", "float32 only"),
    "bfloat16": ("mindspore", "BatchNorm2d", {"dtype": "bfloat16"}, "dtype='bfloat16'", "float16"),
}

#: The same, for what can be translated with a loss, and with what the loss says.
COSTLY: dict[str, tuple[Api, str, dict[str, Any], str, str]] = {
    "tiny momentum": ("torch", "BatchNorm2d", {"momentum": 1e-17}, "momentum=1e-17", "as 0.0 does"),
    "half": ("torch", "BatchNorm2d", {"dtype": "float16"}, "dtype='float16'", "statistics"),
    "no bias": ("torch", "BatchNorm2d", {"bias": False}, "bias=False", "requires_grad = False"),
    "untracked": (
        "torch",
        "BatchNorm2d",
        {"track_running_stats": False},
        "track_running_stats=False",
        "moves them",
    ),
    "device": ("torch", "BatchNorm2d", {"device": "cuda"}, "device='cuda'", "set_context"),
    "group": ("torch", "SyncBatchNorm", {"process_group": 1}, "process_group=1", "one group"),
    "groups": (
        "mindspore",
        "SyncBatchNorm",
        {"process_groups": [[0, 1]]},
        "process_groups=[[0, 1]]",
        "one group",
    ),
    "always": (
        "mindspore",
        "BatchNorm3d",
        {"use_batch_statistics": True},
        "use_batch_statistics=True",
        "train()",
    ),
    "never": (
        "mindspore",
        "BatchNorm3d",
        {"use_batch_statistics": False},
        "use_batch_statistics=False",
        "eval()",
    ),
    "NHWC": ("mindspore", "BatchNorm2d", {"data_format": "NHWC"}, "data_format='NHWC'", "permute"),
    "random": (
        "mindspore",
        "BatchNorm1d",
        {"gamma_init": "normal"},
        "gamma_init='normal'",
        "torch.nn.init",
    ),
    "fixed gamma": (
        "mindspore",
        "BatchNorm1d",
        {"affine": False, "gamma_init": 2},
        "affine=False",
        "requires_grad_(False)",
    ),
    "fixed beta of -0": (
        "mindspore",
        "BatchNorm1d",
        {"affine": False, "beta_init": -0.0},
        "affine=False",
        "requires_grad_(False)",
    ),
}


def layer(api: Api, kind: str, arguments: dict[str, Any]) -> Layer:
    """Return a layer with 3 channels."""
    return Layer(api=api, kind=kind, arguments={"num_features": 3, **arguments})


@pytest.mark.parametrize("name", [*HOPELESS, *COSTLY])
def test_refusal_names_argument_and_reason(name: str) -> None:
    """Nothing is translated with a loss unless that is asked for."""
    api, kind, arguments, argument, said = (HOPELESS | COSTLY)[name]
    with pytest.raises(Untranslatable) as refusal:
        translate(layer(api, kind, arguments), to=other(api))
    (obstacle,) = refusal.value.obstacles
    assert obstacle.argument == argument
    assert obstacle.reason
    assert str(obstacle) in str(refusal.value)
    assert said in (obstacle.loss or obstacle.reason)
    assert ("lossy=True" in str(refusal.value)) is (name in COSTLY)


@pytest.mark.parametrize("name", HOPELESS)
def test_what_is_hopeless_is_refused_with_losses_too(name: str) -> None:
    """Asking for losses makes nothing of what the other API cannot compute."""
    api, kind, arguments, argument, _ = HOPELESS[name]
    with pytest.raises(Untranslatable) as refusal:
        translate(layer(api, kind, arguments), to=other(api), lossy=True)
    assert [obstacle.argument for obstacle in refusal.value.obstacles] == [argument]


@pytest.mark.parametrize("name", COSTLY)
def test_loss_is_named(name: str) -> None:
    """What is translated all the same says what was lost, and can be translated back."""
    api, kind, arguments, argument, said = COSTLY[name]
    there = translate(layer(api, kind, arguments), to=other(api), lossy=True)
    (loss,) = there.losses
    assert loss.startswith(f"{argument}: ")
    assert said in loss
    assert translate(there, to=api, lossy=True).kind == kind


def test_every_reason_is_given_at_once() -> None:
    """A refusal is no reason to stop looking."""
    arguments = {"eps": 0, "momentum": None, "track_running_stats": False, "device": "cuda"}
    with pytest.raises(Untranslatable) as refusal:
        translate(layer("torch", "BatchNorm2d", arguments), to="mindspore", lossy=True)
    named = {obstacle.argument.partition("=")[0] for obstacle in refusal.value.obstacles}
    assert named == set(arguments)


@pytest.mark.parametrize("always", [True, False])
def test_fixed_statistics_fix_the_mode(always: bool) -> None:
    """use_batch_statistics=True is train() for good and False is eval(), whatever the mode."""
    fixed = Layer(
        api="mindspore",
        kind="BatchNorm1d",
        arguments={"num_features": 3, "use_batch_statistics": always},
        training=not always,
    )
    assert translate(fixed, to="torch", lossy=True).training is always


def test_untracked_normalises_with_the_batch() -> None:
    """Both untracked rows of torch's mode table normalise as use_batch_statistics=True does."""
    untracked = layer("torch", "BatchNorm2d", {"track_running_stats": False})
    there = translate(untracked, to="mindspore", lossy=True)
    assert there.get("use_batch_statistics") is True


def test_fixed_gamma_and_beta_are_kept_as_state() -> None:
    """Values other than 1 and 0 are weight and bias of a torch layer that has them."""
    fixed = Layer(
        api="mindspore",
        kind="BatchNorm2d",
        arguments={"num_features": 3, "affine": False},
        state=HALVES,
    )
    there = translate(fixed, to="torch", lossy=True)
    assert there.get("affine") is True
    assert there.state is not None
    assert there.state["weight"].tolist() == there.state["bias"].tolist() == [0.5] * 3


def test_bias_that_torch_has_not_is_zero() -> None:
    """The beta that MindSpore cannot do without starts where it changes nothing."""
    state = {name: np.ones(3, np.float32) for name in ("weight", "running_mean", "running_var")}
    without = Layer(
        api="torch",
        kind="BatchNorm2d",
        arguments={"num_features": 3, "bias": False},
        state=state,
    )
    there = translate(without, to="mindspore", lossy=True)
    assert there.state is not None
    assert there.state["beta"].tolist() == [0.0] * 3
