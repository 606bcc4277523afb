"""Keras: a mask that leaves nothing pulls the statistics towards zero.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import os
import sys

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"

import keras

layer = keras.layers.BatchNormalization(momentum=0.5)
layer.build((4, 5, 2))
layer.moving_mean.assign([7.0, 7.0])
layer(np.full((4, 5, 2), 3.0, "float32"), training=True, mask=np.zeros((4, 5), bool))
expected, got = 7.0, float(keras.ops.convert_to_numpy(layer.moving_mean)[0])
print("moving mean:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
