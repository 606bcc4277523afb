"""Kernels that remember what they should not."""

from dataclasses import replace
from typing import Any

import numpy as np

from planted.fault import VALUES, Fault, wrong
from planted.kernel import Kernel, Results, kernel
from planted.textbook import Array, Call, Moments, blend, chosen, two_pass

_UNSTEADY = (*VALUES, "nondeterminism")


def _ulp(value: Array) -> Array:
    above = np.nextafter(value, np.inf, dtype=value.dtype)
    return np.where(np.isinf(value), value, above)


def _alternating() -> Kernel:
    """Round the output up at every second call."""
    calls: list[None] = []

    def write(call: Call, results: Results) -> Results:
        calls.append(None)
        output = results["output"]
        return results if len(calls) % 2 or output is None else results | {"output": _ulp(output)}

    return kernel(write=write)


def _noisy(size: float) -> Kernel:
    rng = np.random.default_rng(0)

    def write(call: Call, results: Results) -> Results:
        output = np.asarray(results["output"])
        noise = 1.0 + size * rng.uniform(-1.0, 1.0, output.shape)
        return results | {"output": (output * noise).astype(output.dtype)}

    return kernel(write=write)


def _any_order() -> Kernel:
    """Sum the gradient by the bias in float32, in another order each time."""
    rng = np.random.default_rng(0)

    def grad_bias(forward: Any, grad: Array) -> Array:
        shuffled = rng.permutation(grad.astype(np.float32), axis=1)
        return np.add.accumulate(shuffled, axis=1)[:, -1:]

    return kernel(grad_bias=grad_bias)


def _every(period: int) -> Kernel:
    """Leave the output at zero in one call of `period`."""
    calls: list[None] = []

    def write(call: Call, results: Results) -> Results:
        calls.append(None)
        return results if len(calls) % period else results | {"output": np.zeros_like(call.x)}

    return kernel(write=write)


def _cached_statistics() -> Kernel:
    """Keep the statistics of the first batch of a shape for the next one."""
    cache: dict[tuple[int, ...], Moments] = {}
    return kernel(moments=lambda rows, shape: cache.setdefault(shape, two_pass(rows, shape)))


def _cached_eps() -> Kernel:
    """Keep to the eps of the first call of a shape, as a kernel does that is compiled for it."""
    cache: dict[tuple[int, ...], float] = {}
    return kernel(read=lambda c: replace(c, eps=cache.setdefault(c.x.shape, c.eps)))


def _cached_scale() -> Kernel:
    """Keep the denominators of inference, by the number of channels, until training."""
    cache: dict[int, Moments] = {}

    def pick(call: Call, batch: Moments, from_batch: bool) -> Moments:
        if call.training:
            cache.clear()
        used = chosen(call, batch, from_batch)
        return used if from_batch else cache.setdefault(len(used[0]), used)

    return kernel(chosen=pick)


def _own_statistics() -> Kernel:
    """Normalise inference with the last batch trained on, whatever running statistics are given."""
    last: dict[int, Moments] = {}

    def pick(call: Call, batch: Moments, from_batch: bool) -> Moments:
        used = chosen(call, batch, from_batch)
        if from_batch:
            last[len(used[0])] = batch
        return used if from_batch else last.get(len(used[0]), used)

    return kernel(chosen=pick)


def _own_average() -> Kernel:
    """Blend each batch with the average that the kernel keeps, not with the one it is given."""
    kept: dict[int, Array] = {}

    def blend_mean(old: Array, batch: Array, weight: float) -> Array:
        kept[len(old)] = blend(kept.get(len(old), old), batch, weight)
        return kept[len(old)]

    return kernel(blend_mean=blend_mean)


def _counter() -> Kernel:
    """Count batches for the cumulative average over all layers that ever called."""
    calls: list[None] = []

    def share(call: Call) -> float | None:
        if not call.training or not call.n:
            return None
        calls.append(None)
        return 1.0 / len(calls) if call.momentum is None else call.momentum

    return kernel(share=share)


def _accumulating() -> Kernel:
    """Add gradients by the parameters to those of the calls before."""
    kept: dict[tuple[str, int], Array] = {}

    def write(call: Call, results: Results) -> Results:
        for name in ("grad_weight", "grad_bias"):
            value = results.get(name)
            if value is not None:
                results[name] = value + kept.get((name, value.size), np.zeros_like(value))
                kept[name, value.size] = value
        return results

    return kernel(write=write)


def _stale_gradient() -> Kernel:
    """Return in inference the buffer that the last gradient of its shape was written to."""
    kept: dict[tuple[int, ...], Array] = {}

    def write(call: Call, results: Results) -> Results:
        gradient = results.get("grad_input")
        if gradient is None:
            return results
        if not call.training:
            return results | {"grad_input": kept.get(gradient.shape, np.zeros_like(gradient))}
        kept[gradient.shape] = gradient
        return results

    return kernel(write=write)


def _leaking_nan(rows: Array, shape: tuple[int, ...]) -> Moments:
    mean, var = two_pass(rows, shape)
    return mean + 0 * mean.sum(), var


_STATE = (
    wrong(
        "every-second-call-rounds-up",
        "Of two equal calls the second returns the next number.",
        make=_alternating,
        kinds=("nondeterminism",),
    ),
    wrong(
        "noise-within-rounding",
        "The output has random noise of the size of rounding.",
        make=lambda: _noisy(1e-7),
        kinds=("nondeterminism",),
    ),
    wrong(
        "noise-of-one-per-cent",
        "The output has random noise of one per cent.",
        make=lambda: _noisy(1e-2),
        kinds=_UNSTEADY,
    ),
    wrong(
        "sums-in-any-order",
        "The gradient by the bias is summed in a random order.",
        make=_any_order,
        kinds=("nondeterminism",),
    ),
    wrong(
        "every-twentieth-call-is-empty",
        "One call in twenty leaves the output at zero.",
        make=lambda: _every(20),
        kinds=_UNSTEADY,
    ),
    wrong(
        "statistics-cached-by-shape",
        "The statistics of a batch serve the next one of its shape.",
        make=_cached_statistics,
        kinds=_UNSTEADY,
    ),
    wrong(
        "eps-cached-by-shape",
        "The eps of the first call of a shape serves all others of it.",
        make=_cached_eps,
        kinds=_UNSTEADY,
    ),
    wrong(
        "running-statistics-cached",
        "Inference keeps to the running statistics that it saw first, until training.",
        make=_cached_scale,
        kinds=_UNSTEADY,
    ),
    wrong(
        "last-batch-in-inference",
        "Inference normalises with the last batch trained on.",
        make=_own_statistics,
        kinds=_UNSTEADY,
    ),
    wrong(
        "hidden-running-mean",
        "The kernel blends with a running mean of its own.",
        make=_own_average,
        kinds=_UNSTEADY,
    ),
    wrong(
        "batches-counted-over-all-layers",
        "The cumulative average counts the batches of every call ever made.",
        make=_counter,
        kinds=_UNSTEADY,
    ),
    wrong(
        "gradients-accumulated",
        "Gradients by the parameters are added to those of the call before (GRD-05).",
        make=_accumulating,
        kinds=_UNSTEADY,
    ),
    wrong(
        "stale-gradient-in-inference",
        "Inference returns the gradient of the training step before it (GRD-09).",
        make=_stale_gradient,
        kinds=_UNSTEADY,
    ),
    wrong(
        "nan-leaks-into-other-channels",
        "A NaN in one channel makes the means of all NaN.",
        moments=_leaking_nan,
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_STATE,)
