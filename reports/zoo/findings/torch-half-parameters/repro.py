"""PyTorch: with weight and bias in half precision the output of batch_norm is far from accurate.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import torch

x = torch.tensor([[100.0], [101.0], [103.0]], dtype=torch.bfloat16)


def output(dtype: torch.dtype) -> list[float]:
    """Return the output with a weight of 1 and a bias of 0 in this format."""
    weight, bias = torch.ones(1, dtype=dtype), torch.zeros(1, dtype=dtype)
    normalised = torch.nn.functional.batch_norm(x, None, None, weight, bias, training=True)
    return [round(value, 4) for value in normalised.flatten().tolist()]


expected, got = output(torch.float32), output(torch.bfloat16)
print("the output with parameters in bfloat16, as with the same in float32:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
