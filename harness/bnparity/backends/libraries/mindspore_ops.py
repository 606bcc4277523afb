"""mindspore.ops.batch_norm, as a variant of the backend `mindspore`."""

from typing import Any

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Call, Outputs
from bnparity.backends.libraries.library import Library

_NAMES = ("x", "running_mean", "running_var", "weight", "bias")


def _answer(call: Call) -> Outputs:
    import mindspore

    arrays = [getattr(call, name) for name in _NAMES]
    if any(array is None for array in arrays):
        raise NotImplementedError("mindspore.ops.batch_norm has weight, bias and statistics always")
    x, mean, var, weight, bias = map(mindspore.Tensor, arrays)
    mean, var = mindspore.Parameter(mean, name="mean"), mindspore.Parameter(var, name="var")
    grad = None if call.grad_output is None else mindspore.Tensor(call.grad_output)
    settings: dict[str, Any] = {"momentum": call.momentum, "eps": call.eps}

    def run(*of: Any) -> Any:
        data, *affine = of
        output = mindspore.ops.batch_norm(
            data, mean, var, *affine, training=call.training, **settings
        )
        return output if grad is None else ((output * grad).sum(), output)

    if grad is None:
        answers = {"output": run(x, weight, bias)}
    else:
        differentiated = mindspore.value_and_grad(run, (0, 1, 2), has_aux=True)
        (_, output), grads = differentiated(x, weight, bias)
        names = ("grad_input", "grad_weight", "grad_bias")
        answers = {"output": output, **dict(zip(names, grads, strict=True))}
    answers |= {"running_mean": mean, "running_var": var}
    return {name: tensor.asnumpy() for name, tensor in answers.items()}


def _backend() -> Adapted:
    return Adapted(
        answer=_answer,
        taken_for="mindspore.ops.batch_norm",
        dialect="mindspore,momentum=new",
        dtypes=("float32", "float16"),
        ranks=(2, 3, 4),
        affines=("both",),
        tracked=(True,),
    )


FORMS = Library(
    package="mindspore",
    environment="mindspore",
    ways={"ops": _backend},
    said={"degenerate": True},
)
