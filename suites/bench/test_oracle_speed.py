"""What certainty costs: both forms of the oracle beside torch in float64, in one run."""

from typing import Any

import numpy as np
import pytest
import torch
from bnparity_reference import Dialect, batch_norm
from bnparity_reference.compiled.loading import LOADING

#: A thousand values, and a million in the shape of images.
SHAPES = {"1 000 values": (25, 4, 10), "1 048 576 values": (16, 64, 32, 32)}


def arrays(shape: tuple[int, ...]) -> dict[str, Any]:
    """Return data, parameters, running statistics and a gradient."""
    rng = np.random.default_rng(0)
    per_channel = {name: rng.standard_normal(shape[1]) for name in ("weight", "bias")}
    statistics = {"running_mean": np.zeros(shape[1]), "running_var": np.ones(shape[1])}
    large = {name: rng.standard_normal(shape) for name in ("x", "grad_output")}
    return {**large, **per_channel, **statistics}


def by_oracle(given: dict[str, Any]) -> None:
    """Compute every output in double-double arithmetic."""
    batch_norm(**given, dialect=Dialect(), training=True, momentum=0.1, eps=1e-5)


def by_torch(given: dict[str, Any]) -> None:
    """Compute every output in float64."""
    tensors = {name: torch.from_numpy(array) for name, array in given.items()}
    x, weight, bias = (tensors[name].requires_grad_() for name in ("x", "weight", "bias"))
    statistics = (tensors["running_mean"], tensors["running_var"])
    output = torch.nn.functional.batch_norm(x, *statistics, weight, bias, True, 0.1, 1e-5)
    torch.autograd.grad(output, (x, weight, bias), tensors["grad_output"])


@pytest.mark.usefixtures("one_thread")
@pytest.mark.parametrize("size", SHAPES)
@pytest.mark.parametrize("how", ["torch", "oracle in NumPy", "oracle by loops"])
def test_cost_of_an_answer(
    benchmark: Any, size: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many times as long as torch the oracle takes is the price of half an ulp."""
    benchmark.group = f"oracle, {size}"
    given = arrays(SHAPES[size])
    LOADING.load()
    if how == "oracle in NumPy":
        monkeypatch.setattr(LOADING, "loops", None)
    benchmark.pedantic(
        by_torch if how == "torch" else by_oracle, args=(given,), rounds=21, warmup_rounds=2
    )
