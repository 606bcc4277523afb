"""Keras on PyTorch: the variance of data far from zero is lost.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import os
import sys

import numpy as np

os.environ["KERAS_BACKEND"] = "torch"

import keras

x = (1e4 + np.random.default_rng(0).normal(size=(8, 16, 16, 3))).astype("float32")
y = keras.ops.convert_to_numpy(keras.layers.BatchNormalization()(x, training=True))
expected, got = 0, int(np.isnan(y).sum())
print("NaN in the output:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
