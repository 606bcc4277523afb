"""tf_keras.layers.BatchNormalization, that of Keras 2: by the fused operation, and composed."""

from functools import partial
from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.libraries.library import Library

#: Attributes of the layer by our names.
_STATE = {
    "weight": "gamma",
    "bias": "beta",
    "running_mean": "moving_mean",
    "running_var": "moving_variance",
}


def _answer(call: Call, *, fused: bool) -> Outputs:
    import tensorflow as tf

    if call.running_mean is None:
        raise NotImplementedError("tf_keras.layers.BatchNormalization has statistics always")
    layer, x = _layer(call, fused=fused), tf.constant(_last(call.x))
    given = {name: attribute for name, attribute in _STATE.items() if _has(call, name)}
    with tf.GradientTape() as tape:
        tape.watch(x)
        output = layer(x, training=call.training)
    answers = {name: getattr(layer, _STATE[name]) for name in ("running_mean", "running_var")}
    answers["output"] = output
    if call.grad_output is not None:
        wanted = {"grad_input": x}
        wanted |= {f"grad_{n}": getattr(layer, given[n]) for n in ("weight", "bias") if n in given}
        grads = tape.gradient(output, list(wanted.values()), _last(call.grad_output))
        answers |= dict(zip(wanted, grads, strict=True))
    arrays: Outputs = {name: np.array(tensor) for name, tensor in answers.items()}
    for name in answers.keys() & {"output", "grad_input"}:
        arrays[name] = np.moveaxis(np.array(answers[name]), -1, 1)
    return arrays


def _layer(call: Call, *, fused: bool) -> Any:
    import tf_keras

    layer = tf_keras.layers.BatchNormalization(
        momentum=call.momentum,
        epsilon=call.eps,
        scale=call.weight is not None,
        center=call.bias is not None,
        fused=fused,
    )
    layer.build(_last(call.x).shape)
    for name, attribute in _STATE.items():
        if _has(call, name):
            getattr(layer, attribute).assign(getattr(call, name))
    return layer


def _has(call: Call, name: str) -> bool:
    return getattr(call, name) is not None


def _last(array: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(array, 1, -1))


def _backend(*, fused: bool) -> Adapted:
    how = "by the fused operation" if fused else "composed"
    return Adapted(
        answer=partial(_answer, fused=fused),
        taken_for=f"tf_keras.layers.BatchNormalization, {how}; data are copied with channels last",
        dialect="keras2-fused" if fused else "keras",
        dtypes=("float32",),
        ranks=(4,) if fused else (2, 3, 4, 5),
        tracked=(True,),
    )


BACKEND = Library(
    package="tf_keras",
    environment="tensorflow",
    ways={"": partial(_backend, fused=True), "fused=False": partial(_backend, fused=False)},
    variables={"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
    said={"degenerate": True},
)
