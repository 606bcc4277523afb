"""The local kernels beside PyTorch's, and beside a copy: what memory allows at best."""

from collections.abc import Callable
from statistics import median
from typing import Any

import numpy as np
import pytest
import torch
from bench.timing import in_turn, ratio
from bnparity.kernels import numba_kernel, numpy_kernel

#: What torch.compile imports warns of other parts of PyTorch.
pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")

THREADS = 2

HEADING = f"training steps, {THREADS} threads: how many times longer than Numba's, in one run"
COLUMNS = f"{'':54}{'numba, us':>10}{'eager':>9}{'compile':>9}{'numpy':>9}{'out= / copy':>14}"

#: By network: the shapes of batches in training, and whether channels come last in memory.
SHAPES: dict[str, tuple[tuple[int, ...], bool]] = {
    "ResNet-50, first": ((32, 64, 112, 112), False),
    "ResNet-50, early": ((32, 64, 56, 56), False),
    "ResNet-50, middle": ((32, 256, 28, 28), False),
    "ResNet-50, late": ((32, 512, 7, 7), False),
    "ResNet-50, early, channels last": ((32, 64, 56, 56), True),
    "MobileNet, middle": ((32, 96, 14, 14), False),
    "MobileNet, middle, channels last": ((32, 96, 14, 14), True),
    "3-D CNN": ((8, 32, 16, 28, 28), False),
    "head (N, C)": ((4096, 256), False),
    "head (N, C), wide": ((256, 2048), False),
    "small": ((8, 16, 8, 8), False),
    "small (N, C)": ((32, 64), False),
}


@pytest.fixture(autouse=True)
def two_threads() -> None:
    """Give everybody the same number of threads."""
    torch.set_num_threads(THREADS)
    numba_kernel.set_threads(THREADS)


def contenders(shape: tuple[int, ...], *, last: bool, backward: bool) -> dict[str, Any]:
    """Return a training step of each, on the same data."""
    rng = np.random.default_rng(0)
    x, grad = (_laid(rng.standard_normal(shape, np.float32), last) for _ in range(2))
    per_channel = [rng.random(shape[1], np.float32) + np.float32(0.5) for _ in range(4)]
    # PyTorch copies with all threads, NumPy with one.
    source, target = torch.from_numpy(x), torch.from_numpy(np.empty_like(x))
    eager = _step(torch.nn.functional.batch_norm, x, grad if backward else None, per_channel)
    compiled = torch.compile(torch.nn.functional.batch_norm, dynamic=False)
    given: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5}
    out = {"output": np.empty_like(x)}
    if backward:
        given["grad_output"] = grad
        out["grad_input"] = np.empty_like(x)
    return {
        "numba": lambda: numba_kernel.batch_norm(x, *per_channel, **given),
        "numba, out=": lambda: numba_kernel.batch_norm(x, *per_channel, **given, out=out),
        "numpy": lambda: numpy_kernel.batch_norm(x, *per_channel, **given),
        "eager": eager,
        "compile": _step(compiled, x, grad if backward else None, per_channel),
        "copy": lambda: target.copy_(source),
    }


def _laid(array: np.ndarray[Any, Any], last: bool) -> np.ndarray[Any, Any]:
    if not last:
        return array
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, 1, -1)), -1, 1)


def _step(
    batch_norm: Callable[..., Any],
    x: np.ndarray[Any, Any],
    grad: np.ndarray[Any, Any] | None,
    per_channel: list[np.ndarray[Any, Any]],
) -> Callable[[], object]:
    """Return a training step of PyTorch's, with the gradients if `grad` is given."""
    data = torch.from_numpy(x).requires_grad_(grad is not None)
    weight, bias, mean, var = (torch.from_numpy(values.copy()) for values in per_channel)
    for parameter in (weight, bias):
        parameter.requires_grad_(grad is not None)

    def step() -> object:
        output = batch_norm(data, mean, var, weight, bias, True, 0.1, 1e-5)
        if grad is not None:
            data.grad = weight.grad = bias.grad = None
            output.backward(torch.from_numpy(grad))
        return output

    return step


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "forward + backward"])
@pytest.mark.parametrize("name", SHAPES)
def test_kernels_in_turn(
    name: str, *, backward: bool, shown: dict[str, list[str]], benchmark: Any
) -> None:
    """All of them in one run; a line tells how many times longer than Numba's each takes."""
    shape, last = SHAPES[name]
    torch.compiler.reset()
    calls = contenders(shape, last=last, backward=backward)
    times = in_turn(calls)
    benchmark.pedantic(calls["numba"], rounds=5)
    found = {other: ratio(times, other, "numba") for other in calls if other != "numba"}
    benchmark.extra_info.update(found)
    what = "forward + backward" if backward else "forward"
    lines = shown.setdefault(HEADING, [COLUMNS])
    of_copy = ratio(times, "numba, out=", "copy")
    lines.append(
        f"{name:<34}{what:<20}{median(times['numba']) * 1e6:>10.0f}{found['eager']:>9.2f}"
        f"{found['compile']:>9.2f}{found['numpy']:>9.2f}{of_copy:>14.2f}"
    )
