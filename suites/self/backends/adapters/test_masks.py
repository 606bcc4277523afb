"""Layers that take a mask, judged with one: Flax's, Keras's, PyTorch's and functions of tensors."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from bnparity.backends.environments import environment_of, made_environments
from bnparity.backends.names import parse
from bnparity.backends.open import Opened, opened, opened_here
from bnparity.cases.case import Case, Mask
from bnparity.cases.dialects import declaration
from bnparity.judging.case_result import CaseResult, run_case
from torch import Tensor

AUTHORED = Path(__file__).parents[2] / "authored"

#: What each framework's own layer takes.
OWN = {
    "flax_layers.py:BatchNorm": "elements",
    "flax_layers.py:NnxBatchNorm": "elements",
    "keras_layers.py:BatchNormalization": "positions",
}
#: Masks that leave something in and nothing.
ASKED: dict[str, tuple[Mask, ...]] = {
    "elements": ("positions", "empty_channel"),
    "positions": ("positions", "nothing"),
}


class Masked(torch.nn.BatchNorm1d):
    """A layer that leaves padding out of its statistics, which it keeps biased."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return the normalised data."""
        if mask is None or not self.training:
            return super().forward(x)
        assert self.running_mean is not None
        assert self.running_var is not None
        axes = [axis for axis in range(x.ndim) if axis != 1]
        shape = (1, -1, *[1] * (x.ndim - 2))
        kept = mask.expand_as(x).to(x.dtype)
        n = kept.sum(axes)
        mean = (x * kept).sum(axes) / n
        var = (kept * (x - mean.view(shape)) ** 2).sum(axes) / n
        with torch.no_grad():
            self.running_mean.lerp_(mean, self.momentum or 0.0)
            self.running_var.lerp_(var, self.momentum or 0.0)
        normalized = (x - mean.view(shape)) / (var.view(shape) + self.eps).sqrt()
        return self.weight.view(shape) * normalized + self.bias.view(shape)


def batch_norm(
    x: Tensor,
    running_mean: Tensor,
    running_var: Tensor,
    weight: Tensor,
    bias: Tensor,
    training: bool,
    momentum: float,
    eps: float,
    mask: Tensor | None = None,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return what a function of tensors does with the layer."""
    layer = Masked(x.shape[1], eps, momentum)
    layer.running_mean, layer.running_var = running_mean, running_var
    layer.train(training)
    state = {"weight": weight, "bias": bias}
    output: Tensor = torch.func.functional_call(layer, state, (x, mask))
    return output, running_mean, running_var


def put(backend: Opened, asked: Mask, **change: Any) -> CaseResult:
    """Return what a backend makes of a case with a mask, by its own dialect."""
    assert backend.ask is not None
    dialect = replace(declaration(backend.capabilities.dialect).dialect, **change)
    case = Case(shape=(5, 3, 4), mask=asked, eps=1e-3, momentum=0.25)
    return run_case(backend.ask, case, dialect)


@pytest.mark.parametrize("target", OWN)
def test_layer_of_a_framework_does_what_its_dialect_says(target: str) -> None:
    """Its own signature says what it takes; a mask that leaves nothing is a case like others."""
    framework = target.partition("_")[0]
    if environment_of(framework) not in made_environments():
        pytest.skip(f"there is no interpreter with {framework}: bnparity env create {framework}")
    with opened(parse(f"{AUTHORED}/{target}")) as backend:
        assert backend.capabilities.takes_mask == OWN[target]
        for mask in ASKED[OWN[target]]:
            case_result = put(backend, mask)
            assert case_result.fault is None
            assert case_result.failed == ()
            assert len(case_result.checks) == 6
        ignoring = put(backend, "positions", mask="ignored")
        assert {"output", "running_mean", "grad_input"} <= set(ignoring.failed)


@pytest.mark.parametrize("target", [Masked, batch_norm])
def test_layer_and_function_of_tensors_are_given_a_tensor(target: Any) -> None:
    """What they compute is right but for the biased running variance."""
    backend = opened_here(target)
    assert backend.capabilities.takes_mask == "elements"
    for mask in ("positions", "elements"):
        assert put(backend, mask).failed == ("running_var",)
        assert put(backend, mask, running_variance="biased").failed == ()


def test_layer_may_say_that_it_means_something_else() -> None:
    """Then it is asked without."""

    class Other(Masked):
        takes_mask = False

    target: Any = Other
    assert opened_here(target).capabilities.takes_mask == ""
