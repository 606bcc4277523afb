"""Equinox: the first variances of mode="batch" are a hundred times too large.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys
from typing import Any

import equinox as eqx
import jax
import numpy as np

layer, state = eqx.nn.make_with_state(eqx.nn.BatchNorm)(1, "batch", mode="batch", momentum=0.99)
x = np.array([[-1.0], [1.0]], np.float32)  # its variance is 1


def called(module: Any, state: Any) -> tuple[Any, Any]:
    """Return the output on the data, and the state after it."""
    mapped = jax.vmap(module, axis_name="batch", in_axes=(0, None), out_axes=(0, None))
    return mapped(x, state)


_, state = called(layer, state)
output, _ = called(eqx.nn.inference_mode(layer), state)
expected, got = 1.0, round(float(output[1, 0]), 3)
print("inference on 1 after one batch of mean 0 and variance 1:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
