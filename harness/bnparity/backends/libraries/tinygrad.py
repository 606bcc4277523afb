"""tinygrad.nn.BatchNorm on the CPU."""

from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.libraries.library import Library

_STATE = ("weight", "bias", "running_mean", "running_var")


def _tensor(array: Array) -> Any:
    from tinygrad import Tensor

    return Tensor(np.ascontiguousarray(array))


def _answer(call: Call) -> Outputs:
    from tinygrad import Context
    from tinygrad.nn import BatchNorm

    tracked = call.running_mean is not None
    layer = BatchNorm(
        call.x.shape[1],
        eps=call.eps,
        affine=False,
        track_running_stats=tracked,
        momentum=call.momentum,
    )
    for name in _STATE[: 4 if tracked else 2]:
        array = getattr(call, name)
        setattr(layer, name, None if array is None else _tensor(array))
    x = _tensor(call.x)
    with Context(TRAINING=int(call.training)):
        output = layer(x)
    answers = {"output": output}
    if tracked:
        answers |= {name: getattr(layer, name) for name in _STATE[2:]}
    if call.grad_output is not None:
        named = {"grad_input": x, "grad_weight": layer.weight, "grad_bias": layer.bias}
        of = {name: tensor for name, tensor in named.items() if tensor is not None}
        grads = output.gradient(*of.values(), gradient=_tensor(call.grad_output))
        answers |= dict(zip(of, grads, strict=True))
    return {name: tensor.numpy() for name, tensor in answers.items()}


def _backend() -> Adapted:
    return Adapted(
        answer=_answer,
        taken_for="tinygrad.nn.BatchNorm: training by TRAINING; data are copied",
        dialect="tinygrad",
        dtypes=("float32", "float64", "float16"),
    )


BACKEND = Library(
    package="tinygrad",
    environment="tinygrad",
    ways={"": _backend},
    variables={"DEV": "CPU"},
    program="clang",
    said={"compiles": "shape", "degenerate": True},
)
