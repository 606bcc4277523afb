"""What PyTorch 2.11 does on a CUDA device with 16-bit data, where its own kernels are at work."""

import numpy as np

from planted.fault import VALUES, Fault, wrong
from planted.formats import through
from planted.textbook import Array, Call, Forward, Moments, chosen, total


def _summed_in_data(rows: Array, like: Array) -> Array:
    """Return the sum of each row, in pairs: of narrow data each sum is rounded to their format."""
    if like.dtype.itemsize > np.dtype(np.float16).itemsize:
        return total(rows)
    while rows.shape[1] > 1:
        even = np.pad(rows, ((0, 0), (0, rows.shape[1] % 2)))
        rows = through(like.dtype, even[:, ::2] + even[:, 1::2])
    return through(like.dtype, rows)


def grad_input_of_sums(forward: Forward, grad: Array) -> Array:
    like, through_batch = forward.call.x, grad
    if forward.from_batch:
        projection = _summed_in_data(grad * forward.normalized, like) / forward.n
        through_batch = grad - _summed_in_data(grad, like) / forward.n
        through_batch = through_batch - forward.normalized * projection
    return forward.weight / forward.scale * through_batch


def grad_weight_of_sums(forward: Forward, grad: Array) -> Array:
    return _summed_in_data(grad * forward.normalized, forward.call.x)


def grad_bias_of_sums(forward: Forward, grad: Array) -> Array:
    return _summed_in_data(grad, forward.call.x)


def _mean_of_strided(call: Call, batch: Moments, from_batch: bool) -> Moments:
    mean, var = chosen(call, batch, from_batch)
    strided = from_batch and not call.x.flags.c_contiguous
    return through(np.float16, mean) if strided and call.x.dtype == np.float16 else mean, var


#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (
    wrong(
        "16-bit-sums-of-gradients",
        "The backward pass rounds its sums to the format of the data, if this is narrow.",
        codes=("arithmetic=data",),
        kinds=VALUES,
        dtypes=("float16", "bfloat16", "float32"),
        grad_input=grad_input_of_sums,
        grad_weight=grad_weight_of_sums,
        grad_bias=grad_bias_of_sums,
    ),
    wrong(
        "float16-mean-of-strided-data",
        "The mean of float16 data that are not contiguous is rounded to float16.",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        dtypes=("float16", "bfloat16", "float32"),
        chosen=_mean_of_strided,
    ),
)
