"""TensorFlow: the gradient by an empty batch of rank 5 has rank 4.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

x, one = tf.zeros((0, 1, 1, 1, 2)), tf.ones(2)
with tf.GradientTape() as tape:
    tape.watch(x)
    y, _, _ = tf.compat.v1.nn.fused_batch_norm(x, one, one, data_format="NDHWC")
expected, got = tuple(x.shape), tuple(tape.gradient(y, x).shape)
print("shape of the gradient:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
