"""Keras's layer as a backend, on JAX; Keras is imported where the layer is asked for."""

import os
from typing import Any


def __getattr__(name: str) -> Any:
    """Return Keras's layer of that name."""
    if name != "BatchNormalization":
        raise AttributeError(name)
    os.environ.setdefault("KERAS_BACKEND", "jax")
    import keras

    return keras.layers.BatchNormalization
