"""Flax: outputs that no normalisation has, by default.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import jax
import numpy as np
from flax import linen

x = (1e4 + np.random.default_rng(0).normal(size=(8, 16, 16, 3))).astype("float32")
y, _ = linen.BatchNorm(use_running_average=False).init_with_output(jax.random.key(0), x)
expected, got = float(np.sqrt(x.size // 3 - 1)), float(np.abs(y).max())
print("largest output, at most:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got > expected))
