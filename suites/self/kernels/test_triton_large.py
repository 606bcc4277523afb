"""The Triton kernel on more values than 32 bits count, which takes a device's memory and speed."""

from typing import Any

import pytest

pytest.importorskip("triton", reason="triton is not installed")
torch = pytest.importorskip("torch", reason="torch is not installed")

from bnparity.backends.tensors import without_cuda  # noqa: E402  # skipped first
from bnparity.kernels.triton_tensors import batch_norm  # noqa: E402

pytestmark = pytest.mark.skipif(bool(without_cuda()), reason=without_cuda())


def test_more_values_than_32_bits_count_are_accurate() -> None:
    """Ones but for the last 8 values: their mean is seen, and they are normalised as they are."""
    x = torch.ones((1, 1, 2**31 + 8), dtype=torch.float16, device="cuda")
    x[..., -8:] = 2.0
    state: dict[str, Any] = dict.fromkeys(("weight", "bias"))
    state |= {name: torch.zeros(1, device="cuda") for name in ("running_mean", "running_var")}
    found: dict[str, Any] = batch_norm(x, **state, training=True, momentum=1.0, eps=1.0)
    assert float(found["running_mean"]) == 1.0
    assert set(found["output"][..., -8:].flatten().tolist()) == {1.0}
    assert set(found["output"][..., :8].flatten().tolist()) == {0.0}
