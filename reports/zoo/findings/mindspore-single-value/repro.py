"""MindSpore: one value a channel makes the moving variance NaN without a word.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys

import mindspore
import numpy as np
from mindspore import nn

layer = nn.BatchNorm2d(3)
layer.set_train(True)
layer(mindspore.Tensor(np.ones((1, 3, 1, 1), np.float32)))
expected, got = "a number", float(layer.moving_variance.asnumpy()[0])
print(f"expected {expected}, got {got}")
sys.exit(bool(np.isnan(got)))
