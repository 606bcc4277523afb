"""Haiku: outputs that no normalisation has.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import haiku
import jax
import numpy as np

x = (1e4 + np.random.default_rng(0).normal(size=(8, 16, 16, 3))).astype("float32")
net = haiku.transform_with_state(lambda x: haiku.BatchNorm(True, True, 0.9)(x, is_training=True))
y, _ = net.apply(*net.init(jax.random.key(0), x), None, x)
expected, got = float(np.sqrt(x.size // 3 - 1)), float(np.abs(y).max())
print("largest output, at most:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got > expected))
