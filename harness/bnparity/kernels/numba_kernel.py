"""BatchNorm in Numba: the contract of the NumPy kernel, with loops instead of whole-array steps."""

import sys
from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels.phases import values_per_channel
from bnparity.kernels.results import check_size, updated, write

Array = NDArray[Any]


@np.errstate(all="ignore")  # overflow and 0 / 0 have the IEEE results, without a warning
def batch_norm(
    x: Array,
    weight: Array | None,
    bias: Array | None,
    running_mean: Array | None,
    running_var: Array | None,
    *,
    training: bool,
    momentum: float | None,
    eps: float,
    grad_output: Array | None = None,
    out: Mapping[str, Array] | None = None,
) -> dict[str, Array | None]:
    """Return what `bnparity.kernels.numpy_kernel.batch_norm` returns, for the same arguments."""
    from bnparity.kernels import numba_loops as loops

    check_size(x, training=training)
    channels, data = x.shape[1], _three_axes(x)
    mean, var = np.empty(channels), np.empty(channels)
    from_batch = training or running_mean is None or running_var is None
    if from_batch:
        loops.moments(data, mean, var)
    else:
        mean[:], var[:] = running_mean, running_var
    inverse = 1.0 / np.sqrt(var + eps)
    gamma = np.ones(channels) if weight is None else weight.astype(np.float64)
    beta = np.zeros(channels) if bias is None else bias.astype(np.float64)
    output = np.empty_like(data)
    loops.normalize(data, mean, inverse, gamma, beta, output)
    results: dict[str, Array | None] = {"output": _like(output, x)}
    results |= updated(
        running_mean, running_var, mean, var, x=x, training=training, momentum=momentum
    )
    if grad_output is not None:
        grad, grad_input = _three_axes(grad_output), np.empty_like(data)
        totals, projections = np.empty(channels), np.empty(channels)
        loops.project(grad, data, mean, inverse, totals, projections)
        if from_batch:
            shares, slopes = totals / values_per_channel(x), projections / values_per_channel(x)
            loops.propagate(grad, data, mean, inverse, gamma, shares, slopes, grad_input)
        else:  # not through the data, of which one may be NaN
            grad_input[...] = grad * (inverse * gamma)[:, np.newaxis]
        results["grad_input"] = _like(grad_input, x)
        results["grad_weight"] = None if weight is None else projections.astype(weight.dtype)
        results["grad_bias"] = None if bias is None else totals.astype(bias.dtype)
    return write(results, out)


def probe() -> dict[str, str]:
    """Return Numba's version, or why it cannot be used."""
    try:
        import numba
    except ImportError as error:
        return {"reason": f"numba cannot be imported in {sys.executable}: {error}"}
    return {"version": numba.__version__, "device": "cpu"}


def set_threads(count: int) -> int:
    """Have Numba use `count` threads, or all it has; return how many it used before."""
    import numba

    before: int = numba.get_num_threads()
    most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # set when imported
    numba.set_num_threads(min(count, most))
    return before


def _three_axes(x: Array) -> Array:
    """Return `x` as contiguous ``(N, C, S)`` in a format that Numba knows."""
    work = np.ascontiguousarray(x, dtype=np.result_type(x.dtype, np.float32))
    return work.reshape(x.shape[0], x.shape[1], prod(x.shape[2:]))


def _like(rows: Array, x: Array) -> Array:
    return rows.reshape(x.shape).astype(x.dtype, copy=False)


batch_norm.__dict__.update(
    probe=probe,
    set_threads=set_threads,
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
    degenerate=True,
)
