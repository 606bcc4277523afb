"""Kernels that answer in a form that was not asked for, or not at all."""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from planted.fault import VALUES, Fault, wrong
from planted.kernel import Kernel, Results, kernel
from planted.textbook import Array, Call, Moments, blend, rows_of, share

_CONTRACT = ("contract",)


def _each(change: Callable[[Array], Any], *names: str) -> Callable[[Call, Results], Results]:
    """Return the results with a change to those in `names`; to all of them without."""

    def write(call: Call, results: Results) -> Results:
        wanted = {k: v for k, v in results.items() if v is not None and (k in names or not names)}
        return results | {name: change(value) for name, value in wanted.items()}

    return write


def _without(condition: Callable[[Call], bool], *names: str) -> Callable[[Call, Results], Results]:
    def write(call: Call, results: Results) -> Results:
        return {k: v for k, v in results.items() if not condition(call) or k not in names}

    return write


def _instead(change: Callable[[Results], Any]) -> Callable[[], Kernel]:
    """Return a maker of the textbook that returns what `change` makes of its results."""

    def make() -> Kernel:
        right = kernel()
        return lambda *args, **kwargs: change(right(*args, **kwargs))

    return make


def _before(action: Callable[[dict[str, Any]], object]) -> Callable[[], Kernel]:
    """Return a maker of the textbook that does something first."""

    def make() -> Kernel:
        right = kernel()

        def batch_norm(x: Array, weight: Array | None, *args: Any, **kwargs: Any) -> Any:
            action({"x": x, "weight": weight, **kwargs})
            return right(x, weight, *args, **kwargs)

        return batch_norm

    return make


class _UnprintableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no message")


def _raises_unprintable(arguments: dict[str, Any]) -> None:
    if arguments["x"].ndim == 3:
        raise _UnprintableError


def _refuses_half_without_weight(arguments: dict[str, Any]) -> None:
    if arguments["weight"] is None and arguments["x"].dtype == np.float16:
        raise RuntimeError("expected scalar type Half but found Float")


def _data_format(call: Call, results: Results) -> Results:
    names = ("running_mean", "running_var")
    return _each(lambda value: value.astype(call.x.dtype), *names)(call, results)


def _without_nan(call: Call) -> Call:
    return replace(call, x=np.where(np.isnan(call.x), call.x.dtype.type(0), call.x))


def _hidden(call: Call, results: Results) -> Results:
    output = results["output"]
    assert output is not None
    return {**results, "output": np.where(np.isnan(output), output.dtype.type(0), output)}


def _ignoring_nan(rows: Array, shape: tuple[int, ...]) -> Moments:
    count = np.sum(~np.isnan(rows), axis=1, keepdims=True)
    mean = np.nansum(rows, axis=1, keepdims=True) / count
    return mean, np.nansum((rows - mean) ** 2, axis=1, keepdims=True) / count


def _counting_others(call: Call, results: Results) -> Results:
    """Blend the unbiased variance of what is not NaN into the running one."""
    weight, old, rows = share(call), call.running_var, rows_of(call.x)
    if weight is None or old is None:
        return results
    count = np.sum(~np.isnan(rows), axis=1)
    var = _ignoring_nan(rows, call.x.shape)[1][:, 0] * (count / (count - 1))
    return {**results, "running_var": blend(old.astype(np.float64), var, weight).astype(old.dtype)}


_FORM = (
    wrong(
        "everything-in-float64",
        "Results of float32 data are float64.",
        kinds=_CONTRACT,
        write=_each(lambda value: value.astype(np.float64)),
    ),
    wrong(
        "output-in-float32",
        "The output of half data is float32 (DTY-04, DTY-14).",
        kinds=_CONTRACT,
        dtypes=("float16",),
        write=_each(lambda value: value.astype(np.float32), "output"),
    ),
    wrong(
        "running-statistics-in-format-of-data",
        "Running statistics in float32 come back in the half format of the data (DTY-07).",
        kinds=_CONTRACT,
        dtypes=("float16",),
        write=_data_format,
    ),
    wrong(
        "output-flat",
        "The output has one axis.",
        kinds=_CONTRACT,
        write=_each(np.ravel, "output"),
    ),
    wrong(
        "output-transposed",
        "The output has its channels last.",
        kinds=(*_CONTRACT, *VALUES),  # where the shape fits, the values do not
        write=_each(lambda value: np.moveaxis(value, 1, -1), "output"),
    ),
    wrong(
        "output-squeezed",
        "Axes of extent 1 are squeezed away.",
        kinds=_CONTRACT,
        write=_each(np.squeeze, "output"),
    ),
    wrong(
        "statistics-with-kept-axes",
        "Running statistics are (1, C).",
        kinds=_CONTRACT,
        write=_each(lambda value: value[None], "running_mean", "running_var"),
    ),
    wrong(
        "gradient-by-weight-not-reduced",
        "The gradient by the weight has a value per channel and item.",
        kinds=_CONTRACT,
        write=_each(lambda value: np.stack([value, value]), "grad_weight"),
    ),
    wrong(
        "returns-a-tuple",
        "The results are a tuple.",
        kinds=_CONTRACT,
        make=_instead(lambda results: tuple(results.values())),
    ),
    wrong(
        "returns-the-output-alone",
        "The result is the output.",
        kinds=_CONTRACT,
        make=_instead(lambda results: results["output"]),
    ),
    wrong("returns-nothing", "The result is None.", kinds=_CONTRACT, make=_instead(lambda r: None)),
    wrong(
        "returns-lists",
        "Results are lists of numbers.",
        kinds=_CONTRACT,
        write=_each(lambda value: value.tolist()),
    ),
)

_MISSING = (
    wrong(
        "no-gradients",
        "No gradient is ever returned.",
        kinds=("vacuous",),
        write=_without(lambda call: True, "grad_input", "grad_weight", "grad_bias"),
    ),
    wrong(
        "no-gradient-in-inference",
        "The gradient by the data is left out in inference.",
        kinds=("vacuous",),
        write=_without(lambda call: not call.training, "grad_input"),
    ),
    wrong(
        "no-running-variance",
        "The running variance is left out.",
        kinds=("vacuous",),
        write=_without(lambda call: True, "running_var"),
    ),
    wrong(
        "no-bias-gradient-without-weight",
        "The gradient by the bias is left out where there is no weight (DTY-08).",
        kinds=("vacuous",),
        write=_without(lambda call: call.weight is None, "grad_bias"),
    ),
)

_BEHAVIOUR = (
    wrong(
        "raises-on-its-way-to-a-message",
        "Data of rank 3 raise an exception whose message cannot be printed.",
        kinds=("error",),
        make=_before(_raises_unprintable),
    ),
    wrong(
        "half-needs-a-weight",
        "float16 data without a weight raise (DTY-08).",
        kinds=("error",),
        dtypes=("float16",),
        make=_before(_refuses_half_without_weight),
    ),
    wrong(
        "exits",
        "Inference ends the program.",
        kinds=("error", "crash"),
        make=_before(lambda given: None if given["training"] else sys.exit("no graph")),
    ),
    wrong(
        "zeros",
        "Failing quietly, the kernel returns zeros.",
        kinds=(*VALUES, "vacuous"),
        write=_each(np.zeros_like),
    ),
    wrong(
        "returns-the-data",
        "The output is the data.",
        write=lambda call, results: results | {"output": call.x.copy()},
    ),
    wrong(
        "clipped-to-ten",
        "The output is clipped to [-10, 10].",
        write=_each(lambda value: value.clip(-10, 10), "output"),
    ),
    wrong(
        "infinite-results-are-zero",
        "What is infinite is replaced by 0.",
        write=_each(lambda value: np.where(np.isinf(value), value.dtype.type(0), value)),
    ),
    wrong("nan=replaced", "A NaN in the data is 0.", read=_without_nan),
    wrong("nan=hidden", "A NaN in the output is 0.", write=_hidden),
    wrong(
        "nan=ignored",
        "The statistics are those of all values but NaN: nanmean and nanvar.",
        moments=_ignoring_nan,
        write=_counting_others,
    ),
    wrong(
        "rectified",
        "A fused activation makes negative outputs 0.",
        write=_each(lambda value: np.maximum(value, 0), "output"),
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_FORM, *_MISSING, *_BEHAVIOUR)
