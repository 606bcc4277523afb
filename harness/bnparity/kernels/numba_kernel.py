"""BatchNorm in Numba: the contract of the NumPy kernel, with loops instead of whole-array steps."""

from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np

from bnparity.backends import Array, Outputs, format_of, not_imported
from bnparity.kernels.outputs import check_size, of_parameters, write
from bnparity.kernels.phases import values_per_channel


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
) -> Outputs:
    """Return what `bnparity.kernels.numpy_kernel.batch_norm` returns, for the same arguments."""
    from bnparity.kernels import numba_channels as channels
    from bnparity.kernels.numba_phases import forward, gradients, infer

    check_size(x, training=training)
    output = _target("output", x, out)
    from_batch = training or running_mean is None or running_var is None
    table = channels.table_of(x.shape[1], weight, bias, running_mean, running_var)
    (forward if from_batch else infer)(x, output, table, eps)
    results: Outputs = {"output": output}
    if running_mean is not None and running_var is not None:
        if training and x.size:
            share = 1.0 if momentum is None else momentum
            channels.average(table, values_per_channel(x), share)
        results["running_mean"] = table[channels.RUNNING_MEAN].astype(running_mean.dtype)
        results["running_var"] = table[channels.RUNNING_VAR].astype(running_var.dtype)
    if grad_output is not None:
        grad_input = _target("grad_input", grad_output, out)
        sums = gradients(grad_output, x, grad_input, table, through=from_batch)
        results |= {"grad_input": grad_input, **of_parameters(weight, bias, *sums)}
    return write(results, out)


def probe() -> dict[str, str]:
    """Return Numba's version, or why it cannot be used."""
    try:
        import numba
    except ImportError as error:
        return not_imported("numba", error, "pip install 'bnparity[numba]'")
    return {"version": numba.__version__, "device": "cpu"}


def prepare(dtype: str) -> None:
    """Compile the loops for data in a format, which Numba's cache keeps: every one of them.

    Little data and much, with the channels first, last, few and very many, and with gaps between
    them.
    """
    form = format_of(dtype).dtype
    seen = [np.ones((2, 1 << 15), form)]
    for channels, behind in ((2, (3, 2)), (2, (200, 200)), (16, (60, 60)), (64, (30, 30))):
        x = np.ones((2, channels, *behind), form)
        last = np.moveaxis(np.ones((2, *behind, channels), form), -1, 1)
        seen += [x, x[..., ::2], last, x.reshape(-1, channels)]
    for data, training in product(seen, (True, False)):
        vectors = [np.ones(data.shape[1], form)] * 4
        given: dict[str, Any] = {"training": training, "momentum": 0.1, "eps": 1e-5}
        batch_norm(data, *vectors, **given, grad_output=data)


def set_threads(count: int) -> int:
    """Have Numba use `count` threads, or all it has; return how many it used before."""
    import numba

    before: int = numba.get_num_threads()
    most: int = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]  # set when imported
    numba.set_num_threads(min(count, most))
    return before


def _target(name: str, like: Array, out: Mapping[str, Array] | None) -> Array:
    """Return what to fill: the caller's array if it will do, or a new one that lies as `like`."""
    given = (out or {}).get(name)
    fits = given is not None and given.dtype == like.dtype and given.shape == like.shape
    if given is not None and fits and not np.may_share_memory(given, like):
        return given
    return np.empty_like(like)


batch_norm.__dict__.update(
    probe=probe,
    prepare=prepare,
    set_threads=set_threads,
    read_only=False,  # it would compile every loop once more for such arrays
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
    degenerate=True,
    momentum_none=True,
)
