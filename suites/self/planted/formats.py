"""Right formulas in a format that is too narrow for them, throughout or in one place."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import DTypeLike

from planted.fault import VALUES, Fault, wrong
from planted.kernel import Results, kernel
from planted.textbook import (
    Array,
    Call,
    Forward,
    Moments,
    affine,
    average,
    chosen,
    grad_bias,
    grad_input,
    grad_weight,
    root,
    two_pass,
)

_BFLOAT16 = ml_dtypes.bfloat16


_ACCURACY = ("accuracy",)


def through(dtype: DTypeLike, array: Array) -> Array:
    """Return `array` as it comes back from storage in `dtype`."""
    return array.astype(dtype).astype(array.dtype)


def of_bits(bits: int, array: Array) -> Array:
    """Return `array` rounded to so many bits, whatever its magnitude."""
    mantissa, exponent = np.frexp(array)
    rounded: Array = np.ldexp(np.rint(np.ldexp(mantissa, bits)), exponent - bits)
    return rounded


#: Returns an array rounded to the bits that tensor cores take of a factor.
through_tfloat32 = partial(of_bits, 11)


def _on_tensor_cores(rows: Array, shape: tuple[int, ...]) -> Moments:
    mean = average(through_tfloat32(rows))
    return mean, average(through_tfloat32(rows - mean) ** 2)


def _rounded_factors(forward: Forward) -> Forward:
    return replace(forward, normalized=through_tfloat32(forward.normalized))


def _serial(dtype: DTypeLike) -> Callable[[Array, tuple[int, ...]], Moments]:
    """Sum one by one in `dtype`."""

    def mean_of(rows: Array) -> Array:
        terms = rows.astype(dtype)
        summed = np.zeros(len(terms), dtype)
        for term in terms.T:
            summed = (summed + term).astype(dtype)
        mean: Array = summed.astype(np.float64)[:, None] / rows.shape[1]
        return mean

    def moments(rows: Array, shape: tuple[int, ...]) -> Moments:
        mean = mean_of(rows)
        return mean, mean_of((rows - mean) ** 2)

    return moments


def _stored_statistics(dtype: DTypeLike) -> Callable[[Call, Moments, bool], Moments]:
    def pick(call: Call, batch: Moments, from_batch: bool) -> Moments:
        mean, var = chosen(call, batch, from_batch)
        return through(dtype, mean), through(dtype, var)

    return pick


def _folded(dtype: DTypeLike) -> Callable[[Forward], Array]:
    """Return the output as a * x + b, `a` and `b` in `dtype`."""

    def output(forward: Forward) -> Array:
        slope = forward.weight / forward.scale
        intercept = forward.bias - forward.mean * slope
        return through(dtype, slope) * forward.x + through(dtype, intercept)

    return output


def _stored(dtype: DTypeLike, *outputs: str) -> Callable[[Call, Results], Results]:
    def write(call: Call, results: Results) -> Results:
        moved = call.training or not outputs[0].startswith("running_")
        stored: dict[str, Any] = {name: results.get(name) for name in outputs if moved}
        return results | {k: through(dtype, v) for k, v in stored.items() if v is not None}

    return write


def _saved(dtype: DTypeLike, forward: Forward) -> Forward:
    return replace(forward, normalized=through(dtype, forward.normalized))


def _centred(dtype: DTypeLike, forward: Forward) -> Forward:
    return replace(forward, normalized=through(dtype, forward.x - forward.mean) / forward.scale)


def _kept_for_backward(what: str, name: str, how: str, kept: Callable[[Forward], Forward]) -> Fault:
    """Return the fault of a backward pass whose data went through a format."""
    return wrong(
        f"{name}-{how}-for-backward",
        f"The {what} are kept in {name} for the backward pass.",
        codes=(f"arithmetic={name}",),
        kinds=_ACCURACY,
        grad_input=lambda forward, grad: grad_input(kept(forward), grad),
        grad_weight=lambda forward, grad: grad_weight(kept(forward), grad),
    )


def _in_format_of_data(x: Array, *args: Any, **settings: Any) -> Results:
    found: Results = kernel(work=x.dtype)(x, *args, **settings)
    return found


_FORMATS = (
    wrong(
        "arithmetic=float16",
        "Everything is computed in float16.",
        kinds=_ACCURACY,
        work=np.float16,
    ),
    wrong(
        "arithmetic=bfloat16",
        "Everything is computed in bfloat16.",
        kinds=_ACCURACY,
        work=_BFLOAT16,
    ),
    wrong(
        "arithmetic=tfloat32",
        "The factors of sums are rounded to tfloat32, as tensor cores do with those of products.",
        kinds=_ACCURACY,
        moments=_on_tensor_cores,
        grad_input=lambda f, grad: grad_input(_rounded_factors(f), through_tfloat32(grad)),
        grad_weight=lambda f, grad: grad_weight(_rounded_factors(f), through_tfloat32(grad)),
        grad_bias=lambda f, grad: grad_bias(f, through_tfloat32(grad)),
    ),
    wrong(
        "arithmetic=data",
        "Everything is computed in the format of the data, however narrow it is.",
        kinds=VALUES,
        dtypes=("float16", "bfloat16"),
        make=lambda: _in_format_of_data,
    ),
    wrong(
        "arithmetic=float32",
        "float64 data are computed with in float32.",
        kinds=_ACCURACY,
        dtypes=("float64",),
        work=np.float32,
    ),
    wrong(
        "float32-statistics-of-float64",
        "The statistics of float64 data are those of the data in float32.",
        codes=("arithmetic=float32",),
        kinds=_ACCURACY,
        dtypes=("float64",),
        moments=lambda rows, shape: two_pass(rows.astype(np.float32).astype(np.float64), shape),
    ),
    wrong(
        "float32-output-of-float64",
        "The output of float64 data passes through float32.",
        codes=("arithmetic=float32",),
        kinds=_ACCURACY,
        dtypes=("float64",),
        write=_stored(np.float32, "output"),
    ),
    wrong(
        "float16-sums-of-half-data",
        "The statistics of float16 data are summed in float16 (DTY-04, NUM-04).",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        dtypes=("float16",),
        moments=_serial(np.float16),
    ),
    wrong(
        "bfloat16-sums-of-half-data",
        "The statistics of bfloat16 data are summed in bfloat16 (NUM-08).",
        codes=("arithmetic=bfloat16",),
        kinds=VALUES,
        dtypes=("bfloat16",),
        moments=_serial(_BFLOAT16),
    ),
    wrong(
        "float16-sums",
        "The statistics of float32 data are summed in float16.",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        moments=_serial(np.float16),
    ),
)

_STORAGE = (
    wrong(
        "float16-statistics",
        "Mean and variance are kept in float16 between statistics and output (DTY-12).",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        chosen=_stored_statistics(np.float16),
    ),
    wrong(
        "bfloat16-statistics",
        "Mean and variance are kept in bfloat16 between statistics and output (DTY-12).",
        codes=("arithmetic=bfloat16",),
        kinds=_ACCURACY,
        chosen=_stored_statistics(_BFLOAT16),
    ),
    wrong(
        "bfloat16-inverse-deviation",
        "What the data are multiplied by is rounded to bfloat16, once.",
        codes=("arithmetic=bfloat16",),
        kinds=_ACCURACY,
        root=lambda var, eps: 1.0 / through(_BFLOAT16, 1.0 / root(var, eps)),
    ),
    wrong(
        "inverse-deviation-of-twelve-bits",
        "What the data are multiplied by has 12 bits, as approximate roots of GPUs, and any range.",
        codes=("arithmetic=tfloat32",),
        kinds=_ACCURACY,
        root=lambda var, eps: 1.0 / of_bits(12, 1.0 / root(var, eps)),
    ),
    wrong(
        "float16-running-statistics",
        "Running statistics pass through float16 (DTY-07).",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        write=_stored(np.float16, "running_mean", "running_var"),
    ),
    wrong(
        "bfloat16-output",
        "The output passes through bfloat16.",
        codes=("arithmetic=bfloat16",),
        kinds=_ACCURACY,
        write=_stored(_BFLOAT16, "output"),
    ),
    _kept_for_backward("normalised data", "float16", "saved", partial(_saved, np.float16)),
    _kept_for_backward("normalised data", "bfloat16", "saved", partial(_saved, _BFLOAT16)),
    _kept_for_backward("data less their mean", "bfloat16", "centred", partial(_centred, _BFLOAT16)),
    wrong(
        "float16-folded",
        "The output is a * x + b with a and b in float16.",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        affine=_folded(np.float16),
    ),
    wrong(
        "float16-folded-in-inference",
        "In inference the output is a * x + b with a and b in float16 (NUM-12).",
        codes=("arithmetic=float16",),
        kinds=VALUES,
        affine=lambda forward: (affine if forward.call.training else _folded(np.float16))(forward),
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_FORMATS, *_STORAGE)
