"""Layers that take more than most, judged with it: a mask, gradients by running statistics."""

from collections.abc import Iterator
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

#: Which masks each framework's own layer takes.
OWN = {
    "flax_layers.py:BatchNorm": "elements",
    "flax_layers.py:NnxBatchNorm": "elements",
    "keras_layers.py:BatchNormalization": "positions",
    "haiku_layers.py:BatchNorm": "",
}
#: Of those that take gradients by running statistics, what becomes of these in each.
THROUGH = {
    "flax_layers.py:BatchNorm": "through",
    "flax_layers.py:NnxBatchNorm": "stopped",
    "haiku_layers.py:BatchNorm": "through",
}
#: Masks that leave something in and nothing.
ASKED: dict[str, tuple[Mask, ...]] = {
    "elements": ("positions", "empty_channel"),
    "positions": ("positions", "nothing"),
    "": (),
}

#: One whose author says that it takes gradients by running statistics.
FUNCTION = """
import jax
import jax.numpy as jnp


def batch_norm(x: jax.Array, running_mean, running_var, training=False, momentum=0.1, eps=1e-5):
    mean, var = (x.mean(0), x.var(0)) if training else (running_mean, running_var)
    y = (x - mean) / jnp.sqrt(var + eps)
    if training:
        running_mean = (1 - momentum) * running_mean + momentum * mean
        running_var = (1 - momentum) * running_var + momentum * var
    return y, running_mean, running_var


batch_norm.dialect = "torch,running_variance=biased"
batch_norm.statistics_gradients = True
"""


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


CASE = Case(shape=(5, 3, 4), eps=1e-3, momentum=0.25)
#: The same where the loss depends on running statistics.
SLOPED = replace(CASE, statistics_gradients=True)


def put(backend: Opened, case: Case, **change: Any) -> CaseResult:
    """Return what a backend makes of a case, by its own dialect with a change."""
    assert backend.ask is not None
    dialect = declaration(backend.capabilities.dialect).dialect
    if backend.capabilities.under_way:
        dialect = replace(dialect, running_average="blended")
    return run_case(backend.ask, case, replace(dialect, **change))


@pytest.fixture(scope="module", params=OWN)
def own(request: pytest.FixtureRequest) -> Iterator[tuple[str, Opened]]:
    """Yield the name of a framework's own layer, and the layer."""
    framework = request.param.partition("_")[0]
    if environment_of(framework) not in made_environments():
        pytest.skip(f"there is no interpreter with {framework}: bnparity env create {framework}")
    with opened(parse(f"{AUTHORED}/{request.param}")) as backend:
        yield request.param, backend


def test_layer_of_a_framework_does_what_its_dialect_says(own: tuple[str, Opened]) -> None:
    """Its own signature says what it takes; a mask that leaves nothing is a case like others."""
    target, backend = own
    assert backend.capabilities.takes_mask == OWN[target]
    for mask in ASKED[OWN[target]]:
        case_result = put(backend, replace(CASE, mask=mask))
        assert case_result.fault is None
        assert case_result.failed == ()
        assert len(case_result.checks) == 6
    if OWN[target]:
        ignoring = put(backend, replace(CASE, mask="positions"), mask="ignored")
        assert {"output", "running_mean", "grad_input"} <= set(ignoring.failed)


def test_layer_lets_through_what_its_dialect_says(own: tuple[str, Opened]) -> None:
    """Gradients by running statistics arrive or do not; by the other rule its own one fails."""
    target, backend = own
    assert backend.capabilities.statistics_gradients is (target in THROUGH)
    if target in THROUGH:
        rule = declaration(backend.capabilities.dialect).dialect.statistics_gradient
        assert rule == THROUGH[target]
        right = put(backend, SLOPED)
        assert (right.fault, right.failed, len(right.checks)) == (None, (), 6)
        other = "stopped" if rule == "through" else "through"
        assert put(backend, SLOPED, statistics_gradient=other).failed == ("grad_input",)


def test_function_of_arrays_is_differentiated_through_what_it_returns(tmp_path: Path) -> None:
    """It lets through what PyTorch stops, as all that is not stopped by name."""
    if environment_of("jax") not in made_environments():
        pytest.skip("there is no interpreter with jax: bnparity env create jax")
    (tmp_path / "own.py").write_text(FUNCTION)
    case = replace(SLOPED, shape=(20, 3), affine="none")
    with opened(parse(f"{tmp_path / 'own.py'}:batch_norm")) as backend:
        assert put(backend, case).failed == ("grad_input",)
        right = put(backend, case, statistics_gradient="through")
        assert (right.fault, right.failed, len(right.checks)) == (None, (), 4)


@pytest.mark.parametrize("target", [Masked, batch_norm])
def test_layer_and_function_of_tensors_are_given_a_tensor(target: Any) -> None:
    """What they compute is right but for the biased running variance."""
    backend = opened_here(target)
    assert backend.capabilities.takes_mask == "elements"
    for mask in ("positions", "elements"):
        assert put(backend, replace(CASE, mask=mask)).failed == ("running_var",)
        assert put(backend, replace(CASE, mask=mask), running_variance="biased").failed == ()


def test_layer_may_say_that_it_means_something_else() -> None:
    """Then it is asked without."""

    class Other(Masked):
        takes_mask = False

    target: Any = Other
    assert opened_here(target).capabilities.takes_mask == ""
