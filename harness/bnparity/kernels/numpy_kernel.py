"""BatchNorm in NumPy: the clear one, and the fallback where nothing else is installed.

Two passes over the data; sums are taken in float64, everything else in float32 or wider.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bnparity.kernels.results import check_size, updated, values_per_channel, write

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
    """Return the output of BatchNorm, the running statistics, and the gradients where asked for.

    Parameters
    ----------
    x
        ``(N, C, *spatial)``, of any strides, float16 to float64.
    weight, bias, running_mean, running_var
        ``(C,)`` or None.
    training
        Normalise with the batch's statistics and update the running ones. Without running
        statistics the batch's serve in inference too.
    momentum
        The batch's weight in the running statistics; None takes the batch for the first one.
    eps
        Added to the variance.
    grad_output
        Like `x`, or None.
    out
        Arrays to write results to, by the names of the result.

    Returns
    -------
    dict
        ``output``, ``running_mean``, ``running_var``, ``grad_input``, ``grad_weight`` and
        ``grad_bias``; None, or missing, for what was not asked for.

    Raises
    ------
    ValueError
        If it is to train on one value per channel, or if `out` asks for what this call has not.
    """
    check_size(x, training=training)
    work = np.result_type(x.dtype, np.float32)
    data = x.astype(work, copy=False)
    if training or running_mean is None or running_var is None:
        from_batch = True
        mean, var, centred = _statistics(data)
    else:
        from_batch = False
        mean, var = _wide(running_mean), _wide(running_var)
        centred = data - _along(mean, data)
    inverse = 1.0 / np.sqrt(var + eps)
    normalized = centred * _along(inverse, data)
    output = _affine(normalized, weight, bias)
    results: dict[str, Array | None] = {"output": output.astype(x.dtype, copy=False)}
    results |= updated(
        running_mean, running_var, mean, var, x=x, training=training, momentum=momentum
    )
    if grad_output is not None:
        results |= _gradients(grad_output, normalized, inverse, weight, bias, from_batch)
    return write(results, out)


def _statistics(data: Array) -> tuple[Array, Array, Array]:
    mean = _total(data) / values_per_channel(data)
    centred = data - _along(mean, data)
    # Rounding the mean to the data's format shifted them; what it left is taken off again. Of an
    # infinite mean nothing is left: infinity minus itself would make it NaN.
    remainder = np.where(np.isfinite(mean), _total(centred) / values_per_channel(data), 0.0)
    centred -= _along(remainder, data)
    return mean + remainder, _total(centred * centred) / values_per_channel(data), centred


def _affine(normalized: Array, weight: Array | None, bias: Array | None) -> Array:
    output = normalized if weight is None else normalized * _along(weight, normalized)
    return output if bias is None else output + _along(bias, normalized)


def _gradients(
    grad_output: Array,
    normalized: Array,
    inverse: Array,
    weight: Array | None,
    bias: Array | None,
    through_statistics: bool,
) -> dict[str, Array | None]:
    grad = grad_output.astype(normalized.dtype, copy=False)
    total, projection = _total(grad), _total(grad * normalized)
    grad_input = grad
    if through_statistics:
        count = values_per_channel(grad)
        grad_input = grad - _along(total / count, grad)
        grad_input -= normalized * _along(projection / count, grad)
    gain = inverse if weight is None else inverse * _wide(weight)
    grad_input = grad_input * _along(gain, grad)
    return {
        "grad_input": grad_input.astype(grad_output.dtype, copy=False),
        "grad_weight": None if weight is None else projection.astype(weight.dtype),
        "grad_bias": None if bias is None else total.astype(bias.dtype),
    }


def _total(data: Array) -> Array:
    """Return the sum over every axis but the channels', in float64."""
    # Contiguous rows: only along those does NumPy sum pairwise.
    rows = np.ascontiguousarray(data.swapaxes(0, 1)).reshape(data.shape[1], -1 if data.size else 0)
    total: Array = np.add.reduce(rows, axis=1, dtype=np.float64)
    return total


def _wide(per_channel: Array) -> Array:
    return per_channel.astype(np.float64)


def _along(per_channel: Array, data: Array) -> Array:
    """Return a value a channel, shaped to meet `data`, in its format."""
    shape = (1, -1) + (1,) * (data.ndim - 2)
    return per_channel.astype(data.dtype).reshape(shape)


def probe() -> dict[str, str]:
    """Return the version of NumPy, and the device."""
    return {"version": np.__version__, "device": "cpu"}


batch_norm.__dict__.update(
    probe=probe,
    dialect="torch",
    dtypes=("float32", "float64", "float16", "bfloat16"),
    degenerate=True,
)
