"""TVM: the output of half data is in float32.

Prints what is expected and what comes, and exits with 1 where the two differ.
"""

import sys
from typing import Any

import numpy as np
import tvm
from tvm import relax


def batch_norm(shape: tuple[int, ...], dtype: str, channels: int, **about: Any) -> list[Any]:
    """Return what relax.op.nn.batch_norm makes of ones, on the CPU."""
    given = {"x": shape, **dict.fromkeys(("gamma", "beta", "mean", "var"), (channels,))}
    inputs = [relax.Var(name, relax.TensorType(of, dtype)) for name, of in given.items()]
    builder = relax.BlockBuilder()
    with builder.function("main", inputs):
        builder.emit_func_output(builder.emit(relax.op.nn.batch_norm(*inputs, **about)))
    machine = relax.VirtualMachine(relax.build(builder.get(), target="llvm"), tvm.cpu())
    ones = (tvm.runtime.tensor(np.ones(of, dtype)) for of in given.values())
    return [tensor.numpy() for tensor in machine["main"](*ones)]


output = batch_norm((4, 3), "float16", 3, axis=1, training=True)[0]
expected, got = "float16", output.dtype.name
print("format of the output:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
