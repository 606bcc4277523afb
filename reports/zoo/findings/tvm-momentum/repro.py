"""TVM: momentum is that of the new value, and documented as that of the old.

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


# The data have a mean of 1 and so has the moving variance, whose new value is 0.
moved = batch_norm((2, 1), "float32", 1, axis=1, momentum=0.25, training=True)[2]
expected, got = 0.25, float(moved[0])
print("moving variance after one step with momentum 0.25, from 1 towards 0:")
print(f"expected {expected}, got {got}")
sys.exit(bool(got != expected))
