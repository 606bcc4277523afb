"""keras.layers.BatchNormalization, on JAX, PyTorch and TensorFlow."""

from dataclasses import replace
from typing import Any

from bnparity.backends.libraries.keras_masked import masked_backend
from bnparity.backends.libraries.library import Library


def _layer() -> Any:
    import keras

    return keras.layers.BatchNormalization


JAX = Library(
    package="keras",
    environment="keras",
    ways={"": _layer, "masked": masked_backend},
    variables={"KERAS_BACKEND": "jax"},
    said={"compiles": "shape", "degenerate": True},
)
TORCH = replace(
    JAX,
    environment="keras-torch",
    variables={"KERAS_BACKEND": "torch"},
    said={"degenerate": True},
)
TENSORFLOW = replace(
    JAX,
    environment="tensorflow",
    variables={"KERAS_BACKEND": "tensorflow"},
    said={"degenerate": True},
)
