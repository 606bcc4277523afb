"""Kernels that are right for most sizes."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import DTypeLike

from planted.fault import Fault, wrong
from planted.kernel import Kernel, Results, kernel
from planted.textbook import (
    Array,
    Call,
    Forward,
    Moments,
    affine,
    grad_bias,
    grad_input,
    share,
    source,
    total,
    two_pass,
    unbiased,
)

Shape = tuple[int, ...]
Statistics = Callable[[Array, Shape], Moments]


def _of_part(part: Callable[[Array, Shape], Array]) -> Statistics:
    """Return the statistics of a part of the rows; of all of them where it is empty."""

    def moments(rows: Array, shape: Shape) -> Moments:
        kept = part(rows, shape)
        return two_pass(kept if kept.size else rows, shape)

    return moments


def _without_tail(rows: Array, lanes: int) -> Array:
    return rows[:, : rows.shape[1] // lanes * lanes]


def _zero_tail(rows: Array, lanes: int) -> Array:
    written = np.zeros_like(rows)
    kept = _without_tail(rows, lanes)
    written[:, : kept.shape[1]] = kept
    return written


def _count_of(count: Callable[[int], float]) -> Statistics:
    """Divide sums by what `count` makes of n."""

    def moments(rows: Array, shape: Shape) -> Moments:
        n = np.float64(count(rows.shape[1]))
        mean = total(rows) / n
        return mean, total((rows - mean) ** 2) / n

    return moments


def _wrapped(dtype: DTypeLike) -> Callable[[int], float]:
    return lambda n: float(np.asarray(n, np.int64).astype(dtype))


def _halves_unweighted(rows: Array, shape: Shape) -> Moments:
    """Merge the statistics of two halves as if they had as many values."""
    half = (rows.shape[1] + 1) // 2
    (mean_a, var_a), (mean_b, var_b) = (two_pass(r, shape) for r in np.split(rows, [half], axis=1))
    return (mean_a + mean_b) / 2, (var_a + var_b) / 2 + (mean_a - mean_b) ** 2 / 4


def _blocks_without_delta(rows: Array, shape: Shape) -> Moments:
    """Average the variances of blocks of 64 values, without the spread of their means."""
    mean, var = two_pass(rows, shape)
    if rows.shape[1] % 64:
        return mean, var
    return mean, two_pass(rows.reshape(-1, 64), shape)[1].reshape(len(rows), -1).mean(1)[:, None]


def _lanes_of_parameters(call: Call) -> Call:
    lane = np.arange(call.x.shape[1]) % 32
    weight, bias = call.weight, call.bias
    return replace(
        call,
        weight=None if weight is None else weight[lane],
        bias=None if bias is None else bias[lane],
    )


def _channels_up_to(limit: int) -> Callable[[Call, Results], Results]:
    def write(call: Call, results: Results) -> Results:
        output = np.asarray(results["output"]).copy()
        output[:, limit:] = 0
        return results | {"output": output}

    return write


def _last_of_odd_channels(call: Call, results: Results) -> Results:
    output = np.asarray(results["output"]).copy()
    channels = output.shape[1]
    output[:, channels // 2 * 2 if channels > 1 else channels :] = 0
    return results | {"output": output}


def _along_the_batch(forward: Forward) -> Array:
    """Broadcast the weight along the batch of a matrix that is square."""
    shape = forward.call.x.shape
    if len(shape) != 2 or shape[0] != shape[1]:
        return affine(forward)
    return forward.normalized * forward.weight.T + forward.bias


def _where(
    condition: Callable[[Forward], bool], wrong_step: Callable[[Forward, Array], Array]
) -> Callable[[Forward, Array], Array]:
    """Return the gradient by the data as `wrong_step` has it where `condition` holds."""
    return lambda forward, grad: (wrong_step if condition(forward) else grad_input)(forward, grad)


def _constant(forward: Forward, grad: Array) -> Array:
    return forward.weight / forward.scale * grad


def _odd_extent(forward: Forward, grad: Array) -> Array:
    """Leave out the last column of every image of odd width."""
    shape = forward.call.x.shape
    terms = grad * forward.normalized
    if len(shape) < 4 or not shape[-1] % 2 or shape[-1] == 1:
        return total(terms)
    return total(terms.reshape(-1, shape[-1])[:, :-1].reshape(len(grad), -1))


def _without_last_rows(forward: Forward, grad: Array) -> Array:
    """Leave out the rows of large images that are left of blocks of 8."""
    shape = forward.call.x.shape
    if len(shape) < 4 or shape[-2] <= 8:
        return total(grad)
    rows = grad.reshape(len(grad), -1, *shape[-2:])[:, :, : shape[-2] // 8 * 8]
    return total(rows.reshape(len(grad), -1))


def _refuses(condition: Callable[[Shape], bool], message: str) -> Kernel:
    right = kernel()

    def picky(x: Array, *args: object, **kwargs: object) -> object:
        if condition(x.shape):
            raise IndexError(message)
        return right(x, *args, **kwargs)

    return picky


_VALUES_PER_CHANNEL = (
    wrong(
        "bessel-skipped-for-two",
        "n / (n - 1) is left out for fewer than three values.",
        of_some=("running_variance=biased",),
        running_estimate=lambda var, n: var if n < 3 else unbiased(var, n),
    ),
    wrong(
        "tail-of-four-dropped",
        "The statistics leave out what is left of n by 4.",
        moments=_of_part(lambda rows, shape: _without_tail(rows, 4)),
    ),
    wrong(
        "last-of-sixteen-or-more-dropped",
        "The statistics leave out the last of sixteen values or more.",
        moments=_of_part(lambda rows, shape: rows[:, : -1 if rows.shape[1] >= 16 else None]),
    ),
    wrong(
        "tail-of-eight-not-written",
        "The output of what is left of n by 8 is not written.",
        affine=lambda forward: _zero_tail(affine(forward), 8),
    ),
    wrong(
        "tail-of-gradient-sum-dropped",
        "The gradient by the bias leaves out what is left of n by 4.",
        grad_bias=lambda forward, grad: grad_bias(forward, _without_tail(grad, 4)),
    ),
    wrong(
        "first-4096-values",
        "The statistics stop at 4096 values.",
        moments=_of_part(lambda rows, shape: rows[:, :4096]),
    ),
    wrong(
        "first-256-of-gradient",
        "The gradient by the weight stops at 256 values: one block (SIZ-04).",
        grad_weight=lambda forward, grad: total((grad * forward.normalized)[:, :256]),
    ),
    wrong("count-in-int8", "n is counted in 8 bits.", moments=_count_of(_wrapped(np.int8))),
    wrong("count-in-uint8", "n is counted modulo 256.", moments=_count_of(_wrapped(np.uint8))),
    wrong("count-in-int16", "n is counted in 16 bits.", moments=_count_of(_wrapped(np.int16))),
    wrong(
        "count-of-padded-values",
        "Sums are divided by n rounded up to a multiple of 4.",
        moments=_count_of(lambda n: -(-n // 4) * 4),
    ),
    wrong(
        "halves-merged-unweighted",
        "The statistics of two halves are merged as if n were even.",
        moments=_halves_unweighted,
    ),
    wrong(
        "blocks-merged-without-delta",
        "The variance is the mean of those of blocks of 64.",
        moments=_blocks_without_delta,
    ),
)

_SHAPES = (
    wrong(
        "one-channel-refused",
        "A single channel is squeezed away (DEG-13).",
        make=lambda: _refuses(lambda shape: shape[1] == 1, "invalid index to scalar variable"),
        kinds=("error",),
    ),
    wrong(
        "bias-of-one-channel-dropped",
        "The bias of a single channel is taken for a scalar 0.",
        codes=("bias=ignored",),
        affine=lambda forward: affine(forward) - forward.bias * (len(forward.bias) == 1),
    ),
    wrong(
        "lanes-of-32-channels",
        "Channel c has the weight and bias of channel c % 32.",
        read=_lanes_of_parameters,
    ),
    wrong("channels-beyond-64", "Channels from 64 on are not written.", write=_channels_up_to(64)),
    wrong(
        "channels-beyond-128", "Channels from 128 on are not written.", write=_channels_up_to(128)
    ),
    wrong(
        "odd-channel-not-written",
        "Channels are written in pairs, and an odd last one is not.",
        write=_last_of_odd_channels,
    ),
    wrong(
        "weight-along-the-batch",
        "The weight is broadcast along the batch of square data of rank 2.",
        affine=_along_the_batch,
    ),
    wrong(
        "one-item-batch-takes-running",
        "A batch of one item trains on running statistics.",
        codes=("train_statistics=running",),
        source=lambda call: source(call) and (call.x.shape[0] > 1 or call.running_mean is None),
    ),
    wrong(
        "one-item-batch-not-counted",
        "A batch of one item does not move running statistics.",
        codes=("running_update=never",),
        share=lambda call: share(call) if call.x.shape[0] > 1 else None,
    ),
    wrong(
        "sixteen-items",
        "The gradient by the bias sums sixteen items of the batch.",
        grad_bias=lambda f, g: total(g[:, : 16 * f.n // f.call.x.shape[0]]),
    ),
    wrong(
        "constant-gradient-of-rank-2",
        "The gradient by a matrix takes the statistics for constants.",
        codes=("grad_statistics=constant",),
        grad_input=_where(lambda forward: forward.call.x.ndim == 2, _constant),
    ),
    wrong(
        "constant-gradient-of-rank-5",
        "The gradient by data of rank 5 takes the statistics for constants.",
        codes=("grad_statistics=constant",),
        grad_input=_where(lambda forward: forward.call.x.ndim == 5, _constant),
    ),
    wrong(
        "first-slice-of-rank-5",
        "The statistics of data of rank 5 are those of the first slice of their last axis.",
        moments=_of_part(lambda r, s: r.reshape(len(r), -1, s[-1])[..., 0] if len(s) == 5 else r),
    ),
    wrong(
        "rank-5-refused",
        "Data of rank 5 raise (LAY-04).",
        make=lambda: _refuses(lambda shape: len(shape) == 5, "too many indices"),
        kinds=("error",),
    ),
    wrong(
        "last-rows-of-gradient",
        "The gradient by the bias sums large images in blocks of 8 rows, and leaves out the rest.",
        grad_bias=_without_last_rows,
    ),
    wrong(
        "odd-width-of-gradient",
        "The gradient by the weight leaves out the last column of odd images (GRD-13).",
        grad_weight=_odd_extent,
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_VALUES_PER_CHANNEL, *_SHAPES)
