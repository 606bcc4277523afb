"""mlx.nn.BatchNorm on the CPU, with the channels last."""

from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Array, Call, Outputs
from bnparity.backends.libraries.library import Library

_STATE = ("weight", "bias", "running_mean", "running_var")


def _answer(call: Call) -> Outputs:
    import mlx.core as mx

    tracked = call.running_mean is not None
    layer = _layer(call)
    given = {"grad_input": mx.array(_last(call.x))}
    given |= {f"grad_{n}": layer[n] for n in _STATE[:2] if n in layer}

    def run(*tensors: Any) -> list[Any]:
        for name, tensor in zip(list(given)[1:], tensors[1:], strict=True):
            layer[name.removeprefix("grad_")] = tensor
        return [layer(tensors[0])]

    if call.grad_output is None:
        answers = {"output": run(*given.values())[0]}
    else:
        grad = mx.array(_last(call.grad_output))
        outputs, grads = mx.vjp(run, list(given.values()), [grad])
        answers = {"output": outputs[0], **dict(zip(given, grads, strict=True))}
    if tracked:
        answers |= {name: layer[name] for name in _STATE[2:]}
    arrays: Outputs = {name: np.array(array) for name, array in answers.items()}
    for name in answers.keys() & {"output", "grad_input"}:
        arrays[name] = np.moveaxis(np.array(answers[name]), -1, 1)
    return arrays


def _layer(call: Call) -> Any:
    import mlx.core as mx
    from mlx import nn

    tracked = call.running_mean is not None
    layer = nn.BatchNorm(
        call.x.shape[1],
        eps=call.eps,
        momentum=call.momentum,
        affine=False,
        track_running_stats=tracked,
    )
    for name in _STATE:
        if (array := getattr(call, name)) is not None:
            layer[name] = mx.array(array)
    return layer if call.training else layer.eval()


def _last(array: Array) -> Array:
    return np.ascontiguousarray(np.moveaxis(array, 1, -1))


def _backend() -> Adapted:
    import mlx.core as mx

    mx.set_default_device(mx.cpu)
    return Adapted(
        answer=_answer,
        taken_for="mlx.nn.BatchNorm; data are copied with the channels last",
        dialect="mlx",
        dtypes=("float32", "float16"),
        ranks=(2, 3, 4),
    )


BACKEND = Library(
    package="mlx.core",
    environment="mlx",
    ways={"": _backend},
    said={"degenerate": True},
)
