# Keras
import os

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"
import keras

x = np.linspace(0, 3, 12, dtype=np.float32).reshape(2, 3, 2, 1)
layer = keras.layers.BatchNormalization(axis=1, epsilon=1e-3, momentum=0.8)
output = np.asarray(layer(x, training=True))  # a call infers unless it is told to train
running_mean, running_var = np.asarray(layer.moving_mean), np.asarray(layer.moving_variance)
inferred = np.asarray(layer(x))

print("training ", output.ravel()[:4].round(4))
print("mean     ", running_mean.round(4))
print("variance ", running_var.round(4))
print("inference", inferred.ravel()[:4].round(4))
