"""MindSpore: an empty batch moves the mean towards what another layer has left in memory.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import numpy as np
from mindspore import Tensor, nn


def moved(data: np.ndarray) -> float:
    """Return the moving mean of a new layer after one batch in training."""
    layer = nn.BatchNorm1d(1, momentum=0.5)
    layer.set_train(True)
    layer(Tensor(data))
    return float(layer.moving_mean.asnumpy()[0])


means = []
for mean in (1.0, 20.0):
    moved(np.full((2, 1), mean, np.float32))
    means.append(moved(np.zeros((0, 1), np.float32)))
print("moving mean from 0 by an empty batch, twice:")
print(f"expected the same, got {means[0]} and {means[1]}")
sys.exit(bool(means[0] != means[1]))
