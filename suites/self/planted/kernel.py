"""The textbook kernel, whose steps a fault replaces: one of them, and nothing else.

Everything is computed in float64 and rounded once to the format of the result: what is off in the
reply of a kernel with a step replaced is off because of that step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from planted.textbook import (
    Array,
    Call,
    Forward,
    Moments,
    affine,
    array_of,
    blend,
    chosen,
    grad_bias,
    grad_input,
    grad_weight,
    root,
    rows_of,
    share,
    source,
    two_pass,
    unbiased,
)

Results = dict[str, Array | None]
#: A backend as a plain function; a faulty one may return anything.
Kernel = Callable[..., Any]


def as_given(call: Call) -> Call:
    """Return the arguments as they came."""
    return call


def as_computed(call: Call, results: Results) -> Results:
    """Return the results as they were computed."""
    return results


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The steps of the textbook, any of which a fault replaces.

    ``work`` is the format of intermediate results; ``read`` sees the arguments first and ``write``
    the results last; the other fields are named after the functions of `planted.textbook` that
    they hold.
    """

    work: DTypeLike = np.float64
    read: Callable[[Call], Call] = as_given
    moments: Callable[[Array, tuple[int, ...]], Moments] = two_pass
    source: Callable[[Call], bool] = source
    chosen: Callable[[Call, Moments, bool], Moments] = chosen
    root: Callable[[Array, float], Array] = root
    affine: Callable[[Forward], Array] = affine
    running_estimate: Callable[[Array, int], Array] = unbiased
    share: Callable[[Call], float | None] = share
    blend_mean: Callable[[Array, Array, float], Array] = blend
    blend_var: Callable[[Array, Array, float], Array] = blend
    grad_input: Callable[[Forward, Array], Array] = grad_input
    grad_weight: Callable[[Forward, Array], Array] = grad_weight
    grad_bias: Callable[[Forward, Array], Array] = grad_bias
    write: Callable[[Call, Results], Results] = as_computed


def kernel(**replaced: Any) -> Kernel:
    """Return a plain function that computes BatchNorm, with the steps `replaced`.

    Raises
    ------
    TypeError
        If there is no such step.
    """
    steps = Steps(**replaced)

    def batch_norm(
        x: Array,
        weight: Array | None,
        bias: Array | None,
        running_mean: Array | None,
        running_var: Array | None,
        *,
        grad_output: Array | None = None,
        **settings: Any,
    ) -> Results:
        call = Call(
            x=x,
            weight=weight,
            bias=bias,
            running_mean=running_mean,
            running_var=running_var,
            grad_output=grad_output,
            **settings,
        )
        with np.errstate(all="ignore"):
            return steps.write(call, _computed(steps, steps.read(call)))

    return batch_norm


def _computed(steps: Steps, call: Call) -> Results:
    forward = _forward(steps, call)
    results: Results = {"output": array_of(steps.affine(forward), call.x)}
    return results | _running(steps, forward) | _gradients(steps, forward)


def _forward(steps: Steps, call: Call) -> Forward:
    from_batch = steps.source(call)
    if from_batch and call.n == 1:
        raise ValueError("one value per channel has no statistics to train on")
    x = rows_of(call.x, steps.work)
    batch = steps.moments(x, call.x.shape)
    mean, var = steps.chosen(call, batch, from_batch)
    scale = steps.root(var, call.eps)
    return Forward(
        call=call,
        x=x,
        batch=batch,
        from_batch=from_batch,
        mean=mean,
        var=var,
        scale=scale,
        normalized=(x - mean) / scale,
        weight=np.ones_like(scale) if call.weight is None else _column(call.weight, x),
        bias=np.zeros_like(scale) if call.bias is None else _column(call.bias, x),
    )


def _running(steps: Steps, forward: Forward) -> Results:
    call, (mean, var) = forward.call, forward.batch
    if call.running_mean is None or call.running_var is None:
        return {}
    weight = steps.share(call)
    if weight is None:  # to the bit, whatever the arithmetic
        return {"running_mean": call.running_mean.copy(), "running_var": call.running_var.copy()}
    batch_var = steps.running_estimate(var, forward.n)
    new_mean = steps.blend_mean(_column(call.running_mean, mean), mean, weight)
    new_var = steps.blend_var(_column(call.running_var, mean), batch_var, weight)
    return {
        "running_mean": new_mean[:, 0].astype(call.running_mean.dtype),
        "running_var": new_var[:, 0].astype(call.running_var.dtype),
    }


def _gradients(steps: Steps, forward: Forward) -> Results:
    call = forward.call
    if call.grad_output is None:
        return {}
    grad = rows_of(call.grad_output, steps.work)
    by_weight, by_bias = steps.grad_weight(forward, grad), steps.grad_bias(forward, grad)
    return {
        "grad_input": array_of(steps.grad_input(forward, grad), call.grad_output),
        "grad_weight": None if call.weight is None else by_weight[:, 0].astype(call.weight.dtype),
        "grad_bias": None if call.bias is None else by_bias[:, 0].astype(call.bias.dtype),
    }


def _column(per_channel: Array, like: Array) -> Array:
    return per_channel.astype(like.dtype)[:, None]
