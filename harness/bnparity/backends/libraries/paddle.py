"""paddle.nn.functional.batch_norm on the CPU."""

from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Call, Outputs
from bnparity.backends.libraries.library import Library

_STATE = ("running_mean", "running_var", "weight", "bias")


def _answer(call: Call) -> Outputs:
    import paddle

    if call.running_mean is None:
        raise NotImplementedError("paddle.nn.functional.batch_norm has statistics always")
    arrays = {name: getattr(call, name) for name in _STATE}
    tensors: dict[str, Any] = {
        name: None if array is None else paddle.to_tensor(np.ascontiguousarray(array))
        for name, array in {"x": call.x, **arrays}.items()
    }
    learning = {n: t for n in ("x", "weight", "bias") if (t := tensors[n]) is not None}
    for tensor in learning.values():
        tensor.stop_gradient = call.grad_output is None
    output = paddle.nn.functional.batch_norm(
        **tensors,
        training=call.training,
        momentum=call.momentum,
        epsilon=call.eps,
        data_format={2: "NC", 3: "NCL", 4: "NCHW", 5: "NCDHW"}[call.x.ndim],
    )
    answers = {"output": output, **{name: tensors[name] for name in _STATE[:2]}}
    if call.grad_output is not None:
        grad = paddle.to_tensor(np.ascontiguousarray(call.grad_output))
        grads = paddle.grad([output], list(learning.values()), [grad], allow_unused=True)
        names = {"x": "grad_input", "weight": "grad_weight", "bias": "grad_bias"}
        answers |= {names[n]: g for n, g in zip(learning, grads, strict=True) if g is not None}
    return {name: tensor.numpy() for name, tensor in answers.items()}


def _backend() -> Adapted:
    return Adapted(
        answer=_answer,
        taken_for="paddle.nn.functional.batch_norm; data are copied",
        dialect="paddle",
        dtypes=("float32", "float64"),
        tracked=(True,),
    )


BACKEND = Library(
    package="paddle",
    environment="paddle",
    ways={"": _backend},
    said={"degenerate": True},
)
