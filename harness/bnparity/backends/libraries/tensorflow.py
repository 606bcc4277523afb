"""TensorFlow's fused operation, and its formula on moments, with the channels last."""

from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.libraries.library import Library


def _fused(call: Call) -> Outputs:
    import tensorflow as tf

    state = (call.weight, call.bias, call.running_mean, call.running_var)
    if any(array is None for array in state):
        raise NotImplementedError("the fused operation has weight, bias and statistics always")
    x, weight, bias, mean, var = map(tf.constant, (_last(call.x), *state))
    with tf.GradientTape() as tape:
        tape.watch((x, weight, bias))
        output, mean, var = tf.compat.v1.nn.fused_batch_norm(
            x,
            weight,
            bias,
            mean,
            var,
            epsilon=call.eps,
            data_format="NHWC" if call.x.ndim == 4 else "NDHWC",
            is_training=call.training,
            exponential_avg_factor=call.momentum,
        )
    answers = {"output": output, "running_mean": mean, "running_var": var}
    return _arrays(answers | _gradients(tape, output, (x, weight, bias), call))


def _composed(call: Call) -> Outputs:
    import tensorflow as tf

    state = (call.weight, call.bias, call.running_mean, call.running_var)
    x = tf.constant(_last(call.x))
    weight, bias, mean, var = (None if a is None else tf.constant(a) for a in state)
    with tf.GradientTape() as tape:
        tape.watch([t for t in (x, weight, bias) if t is not None])
        if call.training or mean is None:
            mean, var = tf.nn.moments(x, list(range(call.x.ndim - 1)))
        output = tf.nn.batch_normalization(x, mean, var, bias, weight, call.eps)
    return _arrays({"output": output, **_gradients(tape, output, (x, weight, bias), call)})


def _gradients(tape: Any, output: Any, of: tuple[Any, Any, Any], call: Call) -> dict[str, Any]:
    if call.grad_output is None:
        return {}
    there = dict(zip(("grad_input", "grad_weight", "grad_bias"), of, strict=True))
    there = {name: tensor for name, tensor in there.items() if tensor is not None}
    grads = tape.gradient(output, list(there.values()), output_gradients=_last(call.grad_output))
    return dict(zip(there, grads, strict=True))


def _last(array: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(array, 1, -1))


def _arrays(tensors: dict[str, Any]) -> Outputs:
    arrays = {name: tensor.numpy() for name, tensor in tensors.items()}
    for name in arrays.keys() & {"output", "grad_input"}:
        arrays[name] = np.moveaxis(arrays[name], -1, 1)
    return arrays


def _fused_backend() -> Adapted:
    return Adapted(
        answer=_fused,
        taken_for="tf.compat.v1.nn.fused_batch_norm; data are copied with the channels last",
        dialect="tensorflow",
        dtypes=("float32",),
        ranks=(4, 5),
        affines=("both",),
        tracked=(True,),
    )


def _composed_backend() -> Adapted:
    return Adapted(
        answer=_composed,
        taken_for="tf.nn.moments and tf.nn.batch_normalization; channels last, no averages",
        dialect="tensorflow,single_value=computed",
        dtypes=("float32", "float64"),
        outputs=("output", "grad_input", "grad_weight", "grad_bias"),
    )


BACKEND = Library(
    package="tensorflow",
    environment="tensorflow",
    ways={"": _fused_backend, "composed": _composed_backend},
    variables={"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"},
    said={"degenerate": True},
)
