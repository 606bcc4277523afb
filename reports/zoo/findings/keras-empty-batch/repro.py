"""Keras: an empty batch makes the statistics NaN for good.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import os
import sys

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"

import keras

layer = keras.layers.BatchNormalization()
layer.build((None, 2))
layer(np.zeros((0, 2), "float32"), training=True)
expected, got = 0.0, float(keras.ops.convert_to_numpy(layer.moving_mean)[0])
print("moving mean:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
