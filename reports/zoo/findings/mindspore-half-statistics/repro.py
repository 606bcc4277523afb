"""MindSpore: the moving statistics of a layer in float16 never move.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import mindspore
import numpy as np
from mindspore import Tensor, nn


def moved(dtype: mindspore.dtype) -> list[float]:
    """Return the moving mean and variance, from 0 and 1, after one batch of 1 and 3."""
    layer = nn.BatchNorm1d(1, momentum=0.5, dtype=dtype)
    layer.set_train(True)
    layer(Tensor(np.array([[1.0], [3.0]], np.float16)))
    return [float(s.asnumpy()[0]) for s in (layer.moving_mean, layer.moving_variance)]


expected, got = moved(mindspore.float32), moved(mindspore.float16)
print("moving mean and variance with dtype=float16, as with float32:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
