"""tinygrad: the output of half data is in float32.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import numpy as np
from tinygrad import Context, Tensor
from tinygrad.nn import BatchNorm

with Context(TRAINING=1):
    y = BatchNorm(3)(Tensor(np.ones((4, 3), np.float16)))
expected, got = "float16", y.numpy().dtype.name
print("format of the output:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
