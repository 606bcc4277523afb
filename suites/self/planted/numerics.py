"""Right formulas in arithmetic that loses what they need."""

from collections.abc import Callable

import ml_dtypes
import numpy as np
from numpy.typing import DTypeLike

from planted.fault import VALUES, Fault, wrong
from planted.formats import through
from planted.textbook import Array, Moments, average, root, two_pass

_BFLOAT16 = ml_dtypes.bfloat16


_ACCURACY = ("accuracy",)


def _one_pass(dtype: DTypeLike, floor: float) -> Callable[[Array, tuple[int, ...]], Moments]:
    def moments(rows: Array, shape: tuple[int, ...]) -> Moments:
        data = rows.astype(dtype)
        mean = average(data)
        var = np.maximum(average(data * data) - mean * mean, data.dtype.type(floor))
        return mean.astype(rows.dtype), var.astype(rows.dtype)

    return moments


def _rounded_mean(rows: Array, shape: tuple[int, ...]) -> Moments:
    """Compute the variance about a mean that was rounded to the format of half data."""
    mean = through(np.float16, average(rows))
    return mean, average((rows - mean) ** 2)


def _fast_inverse_root(var: Array, eps: float, steps: int) -> Array:
    """Return the root by way of the famous constant and `steps` of Newton."""
    number = (var + eps).astype(np.float32)
    inverse = (0x5F3759DF - (number.view(np.int32) >> 1)).astype(np.int32).view(np.float32)
    for _ in range(steps):
        inverse = inverse * (np.float32(1.5) - np.float32(0.5) * number * inverse * inverse)
    return 1.0 / inverse.astype(np.float64)


def _rounded_count(dtype: DTypeLike) -> Callable[[Array, tuple[int, ...]], Moments]:
    """Divide by the number of values as `dtype` has it."""

    def moments(rows: Array, shape: tuple[int, ...]) -> Moments:
        mean, var = two_pass(rows, shape)
        count = float(np.asarray(rows.shape[1], np.float64).astype(dtype))
        factor = rows.shape[1] / count
        # The data are centred on the mean that came out.
        return mean * factor, (var + (mean * (1 - factor)) ** 2) * factor

    return moments


def _bessel(dtype: DTypeLike) -> Callable[[Array, int], Array]:
    def estimate(var: Array, n: int) -> Array:
        count = np.asarray([n, n - 1], np.float64).astype(dtype)
        return var * float(count[0] / count[1])

    return estimate


def _tabled_root(var: Array, eps: float) -> Array:
    """Return the root whose inverse a table of 4096 arguments has, to 12 bits."""
    mantissa, exponent = np.frexp(var + eps)
    odd = exponent % 2
    middle = (np.floor(mantissa / 2**odd * 4096) + 0.5) / 4096
    inverse: Array = np.round(4096 / np.sqrt(middle)) / 4096
    denominator: Array = np.ldexp(1.0 / inverse, (exponent + odd) // 2)
    return denominator


def _half_eps(var: Array, eps: float) -> Array:
    return root(var, float(np.float16(eps)))


_VARIANCE = (
    wrong(
        "variance_algorithm=one_pass",
        "The variance is avg(x * x) - mean * mean in float32, raised to 0 (NUM-03).",
        kinds=_ACCURACY,
        moments=_one_pass(np.float32, 0.0),
    ),
    wrong(
        "one-pass-unclamped",
        "The variance is avg(x * x) - mean * mean in float32, negative at times (NUM-01, NUM-04).",
        codes=("variance_algorithm=one_pass",),
        kinds=VALUES,  # the root of a negative number is NaN
        moments=_one_pass(np.float32, -np.inf),
    ),
    wrong(
        "one-pass-absolute",
        "The variance is |avg(x * x) - mean * mean| in float32.",
        codes=("variance_algorithm=one_pass",),
        kinds=_ACCURACY,
        moments=lambda rows, shape: (
            average(rows),
            np.abs(_one_pass(np.float32, -np.inf)(rows, shape)[1]),
        ),
    ),
    wrong(
        "one-pass-of-float64",
        "The variance of float64 data is avg(x * x) - mean * mean in float64.",
        codes=("variance_algorithm=one_pass",),
        kinds=_ACCURACY,
        dtypes=("float64",),
        moments=_one_pass(np.float64, 0.0),
    ),
    wrong(
        "variance-about-a-half-mean",
        "The mean is rounded to float16, and the variance taken about that.",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        moments=_rounded_mean,
    ),
)

_APPROXIMATE = (
    wrong(
        "rsqrt-with-one-newton-step",
        "1 / sqrt is the famous approximation with one step of Newton, good to 0.2 %.",
        kinds=_ACCURACY,
        root=lambda var, eps: _fast_inverse_root(var, eps, 1),
    ),
    wrong(
        "rsqrt-with-two-newton-steps",
        "1 / sqrt is the famous approximation with two steps of Newton, good to 5e-6.",
        kinds=_ACCURACY,
        root=lambda var, eps: _fast_inverse_root(var, eps, 2),
    ),
    wrong(
        "rsqrt-without-newton",
        "1 / sqrt is the famous approximation with no step of Newton, good to 3 %.",
        root=lambda var, eps: _fast_inverse_root(var, eps, 0),
    ),
    wrong(
        "rsqrt-by-table",
        "1 / sqrt is looked up by 12 bits of its argument, good to 2e-4, as rsqrtps has it.",
        kinds=_ACCURACY,
        root=_tabled_root,
    ),
    wrong(
        "eps-in-float16",
        "eps is rounded to float16, where small ones are 0 (EPS-01).",
        root=_half_eps,
    ),
    wrong(
        "count-in-bfloat16",
        "Sums are divided by n in bfloat16, where 257 is 256 (SYN-05).",
        moments=_rounded_count(_BFLOAT16),
    ),
    wrong(
        "count-in-float16",
        "Sums are divided by n in float16, exact up to 2048 (SYN-05).",
        moments=_rounded_count(np.float16),
    ),
    wrong(
        "bessel-in-bfloat16",
        "n / (n - 1) is computed in bfloat16, and nothing else (BES-11).",
        of_some=("arithmetic=bfloat16",),
        running_estimate=_bessel(_BFLOAT16),
    ),
    wrong(
        "running-variance-of-half-bessel",
        "n / (n - 1) is computed in float16, NaN from 65520 on (BES-11).",
        of_some=("arithmetic=tfloat32",),
        running_estimate=_bessel(np.float16),
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_VARIANCE, *_APPROXIMATE)
