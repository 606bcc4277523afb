"""BatchNorm in Triton: the contract of the NumPy kernel, on a GPU.

Arrays are moved to the device and back. Whoever has tensors there already calls
`bnparity.kernels.triton_tensors.batch_norm`, which moves nothing. Without a GPU Triton's
interpreter runs the same kernels on the CPU, slowly, if ``TRITON_INTERPRET=1`` is set before the
first call.
"""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from bnparity.backends import (
    OPTIONAL,
    Array,
    Call,
    Outputs,
    array_of,
    not_imported,
    tensor_of,
)
from bnparity.kernels.outputs import write

#: What a call may have besides, which this kernel does not take.
_NOT_TAKEN = ("state", *OPTIONAL)


@np.errstate(all="ignore")  # the interpreter computes with NumPy
def batch_norm(*arrays: Any, out: Mapping[str, Array] | None = None, **settings: Any) -> Outputs:
    """Return what `bnparity.kernels.numpy_kernel.batch_norm` returns, for the same arguments."""
    from bnparity.kernels import triton_tensors

    given = vars(Call(*arrays, **settings))
    moved = {
        name: tensor_of(value, _device()) if isinstance(value, np.ndarray) else value
        for name, value in given.items()
        if name not in _NOT_TAKEN
    }
    found = triton_tensors.batch_norm(**moved)
    results = {name: None if t is None else array_of(t) for name, t in found.items()}
    return write(results, out)


def probe() -> dict[str, str]:
    """Return Triton's version and the device, or why it cannot be used."""
    try:
        import torch
        import triton

        from bnparity.kernels.triton_tensors import interpreted, reason
    except ImportError as error:
        return not_imported("triton", error, "pip install 'bnparity[triton]', on Linux")
    if why := reason():
        return {"reason": why}
    device = "cpu (Triton's interpreter)" if interpreted() else torch.cuda.get_device_name()
    return {"version": triton.__version__, "device": device}


def _device() -> str:
    from bnparity.kernels.triton_tensors import interpreted

    return "cpu" if interpreted() else "cuda"


batch_norm.__dict__.update(
    probe=probe,
    # It compiles for sizes, formats, what lies on 16 bytes, what is None: most goes by the shape.
    compiles="" if os.environ.get("TRITON_INTERPRET") == "1" else "shape",
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
    degenerate=True,
    momentum_none=True,
)
