"""Keras: a mask fails where there is one channel.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import os
import sys

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"

import keras

layer = keras.layers.BatchNormalization()
expected, got = "a result", ""
try:
    layer(np.ones((4, 5, 1), "float32"), training=True, mask=np.ones((4, 5), bool))
except Exception as error:
    got = f"{type(error).__name__}: {str(error).splitlines()[0]}"
print(f"expected {expected}, got {got}")
sys.exit(bool(got))
