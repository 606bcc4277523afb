"""relax.op.nn.batch_norm of TVM, compiled for the CPU; it has no gradients."""

from functools import lru_cache, partial
from typing import Any

import numpy as np

from bnparity.backends.adapters import Adapted
from bnparity.backends.call import Call, Outputs
from bnparity.backends.libraries.library import Library

_NAMES = ("x", "weight", "bias", "running_mean", "running_var")


def _answer(call: Call, *, axis: int) -> Outputs:
    import tvm

    arrays = [getattr(call, name) for name in _NAMES]
    if any(array is None for array in arrays):
        raise NotImplementedError("the operation has weight, bias and statistics always")
    if not call.x.size:
        raise NotImplementedError("TVM compiles nothing for data without elements")
    x = arrays[0] = np.moveaxis(call.x, 1, axis)
    machine = _compiled(x.shape, x.dtype.name, axis, call.eps, call.momentum, call.training)
    results = machine["main"](*(tvm.runtime.tensor(np.ascontiguousarray(a)) for a in arrays))
    named = zip(("output", "running_mean", "running_var"), results, strict=True)
    answers = {name: tensor.numpy() for name, tensor in named}
    return answers | {"output": np.moveaxis(answers["output"], axis, 1)}


@lru_cache(maxsize=64)
def _compiled(
    shape: tuple[int, ...], dtype: str, axis: int, eps: float, momentum: float, training: bool
) -> Any:
    """Return what runs the operation on data of this shape."""
    import tvm
    from tvm import relax

    shapes = (shape, *[(shape[axis],)] * 4)
    given = zip(_NAMES, shapes, strict=True)
    inputs = [relax.Var(name, relax.TensorType(of, dtype)) for name, of in given]
    about: dict[str, Any] = {"epsilon": eps, "momentum": momentum, "training": training}
    builder = relax.BlockBuilder()
    with builder.function("main", inputs):
        builder.emit_func_output(builder.emit(relax.op.nn.batch_norm(*inputs, axis=axis, **about)))
    program = relax.build(builder.get(), target="llvm")
    return relax.VirtualMachine(program, tvm.cpu())


def _backend(axis: int) -> Adapted:
    return Adapted(
        answer=partial(_answer, axis=axis),
        taken_for=f"relax.op.nn.batch_norm with axis={axis}; data are copied",
        dialect="tvm",
        dtypes=("float32", "float16"),
        outputs=("output", "running_mean", "running_var"),
        affines=("both",),
        tracked=(True,),
        formats=("float16/float16/float16",),
    )


BACKEND = Library(
    package="tvm",
    environment="tvm",
    ways={"": partial(_backend, 1), "axis=-1": partial(_backend, -1)},
    said={"compiles": "shape", "degenerate": True},
)
