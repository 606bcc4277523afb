"""MLX: the variance of half data overflows.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import mlx.core as mx
import numpy as np
from mlx import nn

mx.set_default_device(mx.cpu)
x = (np.arange(8) * 2000).astype(np.float16).reshape(8, 1)
layer = nn.BatchNorm(1)
layer.set_dtype(mx.float16)
y = np.array(layer(mx.array(x))).ravel()
expected, got = 1.5275, float(y[-1])
print("last output:")
print(f"expected {expected}, got {got}")
sys.exit(bool(abs(got - expected) > 0.01))
