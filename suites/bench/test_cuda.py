"""The Triton kernel beside cuDNN, PyTorch's own kernels, and a copy on the device."""

from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
import torch
from bench.device_timing import in_turn_on_device
from bench.timing import ratio
from bnparity.backends.torch import CUDA
from bnparity.kernels.triton_views import view, whole

REASON = CUDA.probe().get("reason", "")
pytestmark = pytest.mark.skipif(bool(REASON), reason=REASON)

HEADING = "training steps on {device}: how many times longer than Triton's, in one run"
COLUMNS = f"{'':60}{'triton, us':>11}{'cuDNN':>8}{'native':>8}{'/ copy':>8}{'bandwidth':>11}"

#: Batches that no cache holds but the last, and whether channels come last in memory.
SHAPES: dict[str, tuple[tuple[int, ...], bool]] = {
    "ResNet-50, first": ((256, 64, 112, 112), False),
    "ResNet-50, early": ((256, 64, 56, 56), False),
    "ResNet-50, middle": ((256, 256, 28, 28), False),
    "ResNet-50, early, channels last": ((256, 64, 56, 56), True),
    "head (N, C)": ((1 << 18, 256), False),
    "one channel": ((1, 1, 1 << 27), False),
    "two values": ((2, 1 << 26), False),
    "ResNet-50, late": ((256, 512, 7, 7), False),
}
FORMATS = [torch.float32, torch.float16, torch.bfloat16]


def contenders(
    shape: tuple[int, ...], dtype: Any, *, last: bool, backward: bool
) -> dict[str, Callable[[], object]]:
    """Return a training step of each, on the same data; parameters are float32."""
    from bnparity.kernels.triton_tensors import batch_norm

    form = torch.channels_last if last else torch.contiguous_format
    x, grad = (
        torch.randn(shape, dtype=dtype, device="cuda").contiguous(memory_format=form)
        for _ in range(2)
    )
    vectors = [torch.rand(shape[1], device="cuda") + 0.5 for _ in range(4)]
    copy = torch.empty_like(x)
    asked = grad if backward else None
    given: dict[str, Any] = {"training": True, "momentum": 0.1, "eps": 1e-5, "grad_output": asked}
    return {
        "triton": lambda: batch_norm(x, *vectors, **given),
        "cudnn": _step(x, asked, vectors, cudnn=True),
        "native": _step(x, asked, vectors, cudnn=False),
        "copy": lambda: copy.copy_(x),
    }


def _step(x: Any, grad: Any, vectors: list[Any], *, cudnn: bool) -> Callable[[], object]:
    """Return a training step of PyTorch's, with the gradients if `grad` is given."""
    data = x.detach().requires_grad_(grad is not None)
    weight, bias = (values.clone().requires_grad_(grad is not None) for values in vectors[:2])
    mean, var = (values.clone() for values in vectors[2:])

    def step() -> object:
        with torch.backends.cudnn.flags(enabled=cudnn):
            output = torch.nn.functional.batch_norm(data, mean, var, weight, bias, True, 0.1, 1e-5)
            if grad is None:
                return output
            return torch.autograd.grad(output, (data, weight, bias), grad)

    return step


def _finished(call: Callable[[], object]) -> None:
    call()
    torch.cuda.synchronize()


def passes(shape: tuple[int, ...], strides: tuple[int, ...], *, backward: bool) -> int:
    """Return how often the data have to pass through memory that no cache helps."""
    once = whole(view(shape, strides, strides)) is not None
    forward, behind = (2, 3) if once else (3, 5)
    return forward + behind if backward else forward


@pytest.mark.parametrize("backward", [False, True], ids=["forward", "forward + backward"])
@pytest.mark.parametrize("dtype", FORMATS, ids=str)
@pytest.mark.parametrize("name", SHAPES)
def test_kernels_on_a_device_in_turn(
    name: str, dtype: Any, *, backward: bool, shown: dict[str, list[str]], benchmark: Any
) -> None:
    """All of them in one run; a line tells times, and the share of a copy's bandwidth."""
    shape, last = SHAPES[name]
    calls = contenders(shape, dtype, last=last, backward=backward)
    times = in_turn_on_device(calls)
    benchmark.pedantic(_finished, (calls["triton"],), rounds=5)
    found = {other: ratio(times, other, "triton") for other in ("cudnn", "native", "copy")}
    strides = torch.empty(shape, device="meta").stride()
    found["bandwidth"] = passes(shape, strides, backward=backward) / 2 * found["copy"]
    benchmark.extra_info.update(found)
    what = f"{str(dtype).removeprefix('torch.')}, forward{' + backward' if backward else ''}"
    lines = shown.setdefault(HEADING.format(device=torch.cuda.get_device_name()), [COLUMNS])
    lines.append(
        f"{name:<32}{what:<28}{median(times['triton']) * 1e6:>11.0f}{found['cudnn']:>8.2f}"
        f"{found['native']:>8.2f}{1 / found['copy']:>8.2f}{found['bandwidth']:>11.0%}"
    )
