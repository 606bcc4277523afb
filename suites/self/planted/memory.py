"""Kernels that touch memory which is not theirs, now or later."""

from planted.fault import VALUES, Fault, wrong
from planted.kernel import Kernel, Results, kernel
from planted.textbook import Array, Call

_UNSTEADY = (*VALUES, "nondeterminism")


def _overwrites(written: str, source: str) -> Kernel:
    """Write the result `source` over the argument `written`, as if that were nobody's."""

    def write(call: Call, results: Results) -> Results:
        target, value = getattr(call, written), results.get(source)
        if target is not None and value is not None and 0 not in target.strides:
            target[...] = value
        return results

    return kernel(write=write)


def _late_writer() -> Kernel:
    """Keep the running statistics it was given, and write the next call's results to them."""
    kept: list[Array] = []

    def write(call: Call, results: Results) -> Results:
        mean = results.get("running_mean")
        for held in kept:
            if mean is not None and held.shape == mean.shape:
                held[...] = mean.astype(held.dtype)
        kept[:] = [] if call.running_mean is None else [call.running_mean]
        return results

    return kernel(write=write)


_MEMORY = (
    wrong(
        "writes-over-its-data",
        "The output is written over the data.",
        make=lambda: _overwrites("x", "output"),
        kinds=("mutation",),
    ),
    wrong(
        "updates-its-arguments",
        "The running mean is updated in place.",
        make=lambda: _overwrites("running_mean", "running_mean"),
        kinds=("mutation",),
    ),
    wrong(
        "writes-over-the-gradient",
        "The gradient by the data is written over that of the output.",
        make=lambda: _overwrites("grad_output", "grad_input"),
        kinds=("mutation",),
    ),
    wrong(
        "writes-over-the-weight",
        "The gradient by the weight is written over the weight.",
        make=lambda: _overwrites("weight", "grad_weight"),
        kinds=("mutation",),
    ),
    wrong(
        "writes-to-arguments-of-the-call-before",
        "The running mean given is written to by the next call.",
        make=_late_writer,
        # NumPy refuses to write to what the harness has made read-only.
        kinds=(*_UNSTEADY, "mutation", "error"),
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_MEMORY,)
