"""keras.layers.BatchNormalization told by a mask what to leave out: a batch with one more item."""

from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array, Call, Outputs

#: Attributes of the layer by our names.
_STATE = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def masked_backend() -> Adapted:
    """Return the backend: what the mask leaves out is to change nothing."""
    return Adapted(
        answer=_answer,
        taken_for="keras.layers.BatchNormalization with a mask that leaves one item more out",
        dialect="keras",
        dtypes=("float32",),
        outputs=("output", "running_mean", "running_var"),
        tracked=(True,),
    )


def _answer(call: Call) -> Outputs:
    import keras

    last = np.moveaxis(call.x, 1, -1)
    layer = keras.layers.BatchNormalization(
        momentum=call.momentum,
        epsilon=call.eps,
        scale=call.weight is not None,
        center=call.bias is not None,
    )
    layer.build((None, *last.shape[1:]))
    for name, attribute in _STATE.items():
        if (array := getattr(call, name)) is not None:
            getattr(layer, attribute).assign(array)
    x, mask = _with_one_more(last)
    output = layer(x, training=call.training, mask=mask)
    answers: dict[str, Any] = {
        n: getattr(layer, _STATE[n]) for n in ("running_mean", "running_var")
    }
    arrays: Outputs = {n: np.array(keras.ops.convert_to_numpy(a)) for n, a in answers.items()}
    masked = np.array(keras.ops.convert_to_numpy(output))
    return arrays | {"output": np.moveaxis(masked[:-1], -1, 1)}


def _with_one_more(x: Array) -> tuple[Array, Array]:
    """Return data with an item of ones behind the others, and a mask without it."""
    one = np.ones((1, *x.shape[1:]), x.dtype)
    mask = np.ones((x.shape[0] + 1, *x.shape[1:-1]), bool)
    mask[-1] = False
    return np.concatenate([x, one]), mask
