"""BatchNorm in Triton: the contract of the NumPy kernel, on a GPU.

Arrays are moved to the device and back. Whoever has tensors there already calls
`bnparity.kernels.triton_tensors.batch_norm`, which moves nothing. Without a GPU Triton's
interpreter runs the same kernels on the CPU, slowly, if ``TRITON_INTERPRET=1`` is set before the
first call.
"""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from bnparity.backends import (
    OPTIONAL,
    Array,
    Call,
    Outputs,
    array_of,
    format_of,
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


def prepare(dtype: str) -> None:
    """Compile the kernels for data in a format, as far as their cuts can be foreseen."""
    if _device() == "cpu":
        return
    form = format_of(dtype).dtype
    of_parameters = {form, np.dtype(np.float32)} if form.itemsize == 2 else {form}
    for shape in ((2, 2, 3), (4, 8, 8, 8), (64, 64), (128, 2, 300), (5000, 8), (2, 3, 200, 200)):
        data = np.ones(shape, form)
        for other, training in product(of_parameters, (True, False)):
            vectors = [np.ones(shape[1], other)] * 4
            given: dict[str, Any] = {"training": training, "momentum": 0.1, "eps": 1e-5}
            batch_norm(data, *vectors, **given, grad_output=data)


def _device() -> str:
    from bnparity.kernels.triton_tensors import interpreted

    return "cpu" if interpreted() else "cuda"


batch_norm.__dict__.update(
    probe=probe,
    prepare=prepare,
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
    degenerate=True,
    momentum_none=True,
)
