"""Arrays at hand, judged."""

from collections.abc import Mapping
from typing import Any

import bnparity
import numpy as np
import pytest
import torch
from numpy.typing import NDArray

X = np.random.default_rng(0).standard_normal((8, 3, 2)).astype("f4")


def judged(outputs: Mapping[str, Any], inputs: Mapping[str, Any]) -> bnparity.Verdict:
    return bnparity.judge(outputs, inputs, training=True, momentum=0.1, eps=1e-5)


def normalized(x: NDArray[np.float32]) -> Any:
    mean, var = x.mean((0, 2), keepdims=True), x.var((0, 2), keepdims=True)
    return ((x - mean) / np.sqrt(var + np.float32(1e-5))).astype("f4")


def test_right_array_passes() -> None:
    """What is not there is not judged, and takes nothing from the verdict."""
    verdict = judged({"output": normalized(X)}, {"x": X})
    assert (verdict.status, verdict.cases) == ("pass", 1)
    assert set(verdict.to_json()["backends"][0]["outputs"]) == {"output"}


def test_tensors_of_a_layer_are_judged() -> None:
    """A layer of PyTorch's is right with its state and gradients."""
    layer, x = torch.nn.BatchNorm1d(3), torch.from_numpy(X).requires_grad_()
    before = {"running_mean": layer.running_mean.clone(), "running_var": layer.running_var.clone()}  # type: ignore[union-attr]  # it tracks them
    y = layer(x)
    grad = torch.randn_like(y)
    y.backward(grad)
    inputs = {"x": x, "weight": layer.weight, "bias": layer.bias, **before, "grad_output": grad}
    outputs = {
        "output": y,
        "running_mean": layer.running_mean,
        "running_var": layer.running_var,
        "grad_input": x.grad,
        "grad_weight": layer.weight.grad,
        "grad_bias": layer.bias.grad,
    }
    verdict = judged(outputs, inputs)
    assert (verdict.status, len(verdict.to_json()["backends"][0]["outputs"])) == ("pass", 6)


def test_wrong_convention_is_named() -> None:
    """One call tells that the running variance is the biased one."""
    start = {"running_mean": np.zeros(3, "f4"), "running_var": np.ones(3, "f4")}
    after = (0.9 + 0.1 * X.astype("f8").var((0, 2))).astype("f4")
    verdict = judged({"running_var": after}, {"x": X, **start})
    assert verdict.findings[0].codes == ("running_variance=biased",)


@pytest.mark.parametrize(
    ("outputs", "inputs", "told"),
    [
        ({"outptu": X}, {"x": X}, "did you mean output"),
        ({"output": X}, {}, "x is missing"),
        (X, {"x": X}, "outputs are float32 array .*: give a mapping"),
        ({"output": X}, {"x": X, "weight": np.ones(2, "f4")}, "weight is .* asks for the shape"),
        ({"output": X}, {"x": X.astype("i4")}, "int32"),
        ({"output": X}, {"x": X, "running_mean": np.ones(3, "f4")}, "record both"),
    ],
)
def test_what_is_no_call_is_refused(
    outputs: dict[str, object], inputs: dict[str, object], told: str
) -> None:
    """One line says what is wrong."""
    with pytest.raises(bnparity.UsageError, match=told):
        judged(outputs, inputs)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ({"training": "yes"}, "training 'yes': give True or False"),
        ({"momentum": "a"}, "momentum 'a': give a number"),
        ({"eps": -1}, "eps -1.*: give 0 or more"),
    ],
)
def test_setting_of_another_type_is_refused(setting: dict[str, Any], told: str) -> None:
    """It is named, with what it may be."""
    with pytest.raises(bnparity.UsageError, match=told):
        bnparity.judge(
            {"output": X}, {"x": X}, **{"training": True, "momentum": 0.1, "eps": 1e-5, **setting}
        )


def test_output_of_another_shape_is_a_finding() -> None:
    """It breaks the contract, and is no mistake of who asks."""
    verdict = judged({"output": X[:1]}, {"x": X})
    assert [finding.kind for finding in verdict.findings] == ["contract"]
