"""TensorFlow: inference on an empty batch returns statistics that are NaN.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import tensorflow as tf

one = tf.ones(1)
_, mean, _ = tf.compat.v1.nn.fused_batch_norm(
    tf.zeros((0, 1, 1, 1)), one, one, 3 * one, one, is_training=False
)
expected, got = 3.0, float(mean[0])
print("mean returned:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
