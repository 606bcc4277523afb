"""How models of Keras are run, with the channels last, watched and changed; loaded by its path."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Framework:
    """Keras, as `record` asks for it."""

    name = "keras"

    def run(self, model: Any, x: Array, *, training: bool) -> Array:
        """Return the output of the model."""
        data = np.moveaxis(x, 1, -1) if x.ndim > 2 else x
        return np.asarray(model(data, training=training))

    @contextmanager
    def watched(self, model: Any, see: Callable[..., None]) -> Iterator[None]:
        """Stand in for the method of all BatchNorms: Keras has no hooks."""
        del model
        kind = keras.layers.BatchNormalization
        original = kind.call

        def call(layer: Any, inputs: Any, training: Any = None, mask: Any = None) -> Any:
            before = _state(layer)
            output = original(layer, inputs, training=training, mask=mask)
            data = {"x": np.asarray(inputs), "output": np.asarray(output)}
            see(_facts(layer, training), data | before, _state(layer))
            return output

        kind.call = call
        yield
        kind.call = original

    def arrays(self, model: Any) -> dict[str, Array]:
        """Return the weights, by their places."""
        return {str(place): np.array(w) for place, w in enumerate(model.get_weights())}

    def put(self, model: Any, arrays: Mapping[str, Array]) -> None:
        """Set the weights."""
        model.set_weights(list(arrays.values()))


def _state(layer: Any) -> dict[str, Array | None]:
    variables = {
        "weight": layer.gamma,
        "bias": layer.beta,
        "running_mean": layer.moving_mean,
        "running_var": layer.moving_variance,
    }
    return {ours: None if v is None else np.array(v) for ours, v in variables.items()}


def _facts(layer: Any, training: Any) -> dict[str, Any]:
    axis = layer.axis[0] if isinstance(layer.axis, list | tuple) else layer.axis
    facts = {"layer": layer.path, "axis": int(axis), "eps": layer.epsilon}
    batch = bool(training) and layer.trainable
    return {**facts, "momentum": layer.momentum, "training": batch, "tracked": True}
