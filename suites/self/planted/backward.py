"""Backward passes with a term that is missing, or wrong."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from planted.fault import Fault, wrong
from planted.textbook import Array, Forward, average, chosen, grad_input, total

Gradient = Callable[[Forward, Array], Array]


def _terms(
    *,
    mean: float = 1.0,
    var: float = 1.0,
    normalized: Callable[[Forward], Array] = lambda forward: forward.normalized,
    gain: Callable[[Forward], Array] = lambda forward: forward.weight / forward.scale,
) -> Gradient:
    """Return the textbook's gradient, its terms multiplied by `mean` and `var`."""

    def gradient(forward: Forward, grad: Array) -> Array:
        through: Array = grad
        if forward.from_batch:
            xh = normalized(forward)
            through = grad - mean * average(grad) - var * xh * average(grad * xh)
        product: Array = gain(forward) * through
        return product

    return gradient


def _counts(mean: int, var: int) -> Gradient:
    """Return the textbook's gradient, n less than it is in the averages."""

    def gradient(forward: Forward, grad: Array) -> Array:
        n = forward.n
        factors = [n / max(n - less, 1) for less in (mean, var)]
        return _terms(mean=factors[0], var=factors[1])(forward, grad)

    return gradient


def _constant(forward: Forward, grad: Array) -> Array:
    return forward.weight / forward.scale * grad


def _training_formula(forward: Forward, grad: Array) -> Array:
    """Differentiate statistics that are constants in inference."""
    projection = average(grad * forward.normalized)
    through: Array = grad - average(grad) - forward.normalized * projection
    return forward.weight / forward.scale * through


def _running(forward: Forward) -> tuple[Array, Array]:
    """Return the data normalised with running statistics, and their denominator."""
    mean, var = chosen(forward.call, forward.batch, from_batch=False)
    scale = np.sqrt(var + forward.call.eps)
    return (forward.x - mean) / scale, scale


def _inconsistent(forward: Forward, grad: Array) -> Array:
    xh = _running(forward)[0] if forward.from_batch else forward.normalized
    through = grad - average(grad) - xh * average(grad * xh) if forward.from_batch else grad
    return forward.weight / forward.scale * through


def _without_eps(forward: Forward) -> Forward:
    """Return what a backward pass works from that leaves out eps throughout."""
    scale = np.sqrt(forward.var)
    return replace(forward, scale=scale, normalized=(forward.x - forward.mean) / scale)


def _first_item(forward: Forward, rows: Array) -> Array:
    return total(rows[:, : forward.n // forward.call.x.shape[0]])


_INPUT = (
    wrong(
        "grad_statistics=constant",
        "The gradient takes the batch's statistics for constants.",
        grad_input=_constant,
    ),
    wrong(
        "gradient=without_mean",
        "The term through the mean is missing.",
        grad_input=_terms(mean=0),
    ),
    wrong(
        "gradient=without_projection",
        "The term through the variance is missing.",
        grad_input=_terms(var=0),
    ),
    wrong(
        "gradient=bessel",
        "Both averages in the gradient are divided by n - 1.",
        grad_input=_counts(1, 1),
    ),
    wrong(
        "mean-term-added",
        "The term through the mean has its sign wrong.",
        grad_input=_terms(mean=-1),
    ),
    wrong(
        "variance-term-added", "The term through the variance is added.", grad_input=_terms(var=-1)
    ),
    wrong(
        "variance-term-halved",
        "The term through the variance is halved.",
        grad_input=_terms(var=0.5),
    ),
    wrong(
        "variance-term-doubled", "The 2 of the square is counted twice.", grad_input=_terms(var=2)
    ),
    wrong(
        "gradient=bessel_mean",
        "The gradient's mean is divided by n - 1.",
        grad_input=_counts(1, 0),
    ),
    wrong(
        "gradient=bessel_projection",
        "Its projection is divided by n - 1.",
        grad_input=_counts(0, 1),
    ),
    wrong("variance-term-count", "Its projection is divided by n + 1.", grad_input=_counts(0, -1)),
    wrong(
        "variance-term-uncentred",
        "The term through the variance takes the data before they were centred.",
        grad_input=_terms(normalized=lambda forward: forward.x / forward.scale),
    ),
    wrong(
        "variance-term-unscaled",
        "The term through the variance takes centred data that were not divided.",
        grad_input=_terms(normalized=lambda forward: forward.normalized * forward.scale),
    ),
    wrong(
        "grad-input-not-divided",
        "The gradient is not divided by the standard deviation.",
        grad_input=_terms(gain=lambda forward: forward.weight),
    ),
    wrong(
        "grad-input-divided-by-variance",
        "The gradient is divided by the variance, not by its root.",
        grad_input=_terms(gain=lambda forward: forward.weight / forward.scale**2),
    ),
    wrong(
        "gradient=without_eps",
        "The backward pass works out the root anew, and leaves out eps.",
        grad_input=lambda forward, grad: grad_input(_without_eps(forward), grad),
        grad_weight=lambda forward, grad: total(grad * _without_eps(forward).normalized),
    ),
    wrong(
        "grad-input-without-eps",
        "The gradient divides by a root to which no eps was added; xh is the forward pass's.",
        codes=("gradient=gain_without_eps",),
        grad_input=_terms(gain=lambda forward: forward.weight / np.sqrt(forward.var)),
    ),
    wrong(
        "grad-input-without-weight",
        "The weight is missing in the gradient by the data.",
        codes=("weight=ignored",),
        grad_input=_terms(gain=lambda forward: 1 / forward.scale),
    ),
    wrong(
        "grad-input-weight-squared",
        "The weight enters the gradient by the data twice.",
        grad_input=_terms(gain=lambda forward: forward.weight**2 / forward.scale),
    ),
    wrong(
        "grad-input-averaged",
        "The gradient by the data is divided by n, for a loss that was averaged already.",
        grad_input=lambda forward, grad: grad_input(forward, grad) / forward.n,
    ),
    wrong(
        "grad-input-negated",
        "The gradient by the data has its sign wrong.",
        grad_input=lambda forward, grad: -grad_input(forward, grad),
    ),
    wrong(
        "inference-with-training-formula",
        "The gradient in inference differentiates statistics that are constants (GRD-03, GRD-07).",
        grad_input=_training_formula,
    ),
    wrong(
        "gradient-with-running-statistics",
        "The gradients in training take running statistics, as constants (GRD-09).",
        codes=("train_statistics=running",),
        grad_input=lambda forward, grad: (
            forward.weight / _running(forward)[1] * grad
            if forward.from_batch and forward.call.running_mean is not None
            else grad_input(forward, grad)
        ),
        grad_weight=lambda forward, grad: total(grad * _running(forward)[0]),
    ),
    wrong(
        "variance-term-with-running-statistics",
        "The term through the variance normalises with running statistics.",
        grad_input=_inconsistent,
    ),
    wrong(
        "gradient-with-unset-statistics",
        "The gradient in inference reads statistics that nobody saved (GRD-09).",
        grad_input=lambda forward, grad: (
            grad_input(forward, grad) if forward.from_batch else forward.weight * grad
        ),
    ),
)

_PARAMETERS = (
    wrong(
        "grad-bias-averaged",
        "The gradient by the bias is a mean.",
        codes=("parameter_gradients=averaged",),
        grad_bias=lambda f, g: average(g),
    ),
    wrong(
        "grad-weight-averaged",
        "The gradient by the weight is a mean.",
        codes=("parameter_gradients=averaged",),
        grad_weight=lambda forward, grad: average(grad * forward.normalized),
    ),
    wrong(
        "parameter-gradients-averaged-over-images",
        "The gradients by weight and bias are those of the images, averaged over the batch.",
        codes=("parameter_gradients=averaged_over_images",),
        grad_weight=lambda f, grad: total(grad * f.normalized) / len(f.call.x),
        grad_bias=lambda f, grad: total(grad) / len(f.call.x),
    ),
    wrong(
        "parameter-gradients-swapped",
        "The gradients by the weight and by the bias change places.",
        grad_weight=lambda forward, grad: total(grad),
        grad_bias=lambda forward, grad: total(grad * forward.normalized),
    ),
    wrong(
        "grad-weight-unscaled",
        "The gradient by the weight is not divided by the standard deviation.",
        grad_weight=lambda forward, grad: total(grad * forward.normalized * forward.scale),
    ),
    wrong(
        "grad-weight-uncentred",
        "The gradient by the weight takes data that were not centred.",
        grad_weight=lambda forward, grad: total(grad * forward.x / forward.scale),
    ),
    wrong(
        "grad-weight-of-output",
        "The gradient by the weight takes the output for the normalised data.",
        grad_weight=lambda f, g: total(g * (f.normalized * f.weight + f.bias)),
    ),
    wrong(
        "grad-bias-times-weight",
        "The gradient by the bias is multiplied by the weight.",
        grad_bias=lambda forward, grad: forward.weight * total(grad),
    ),
    wrong(
        "grad-bias-of-first-item", "Only the batch's first item is summed.", grad_bias=_first_item
    ),
    wrong(
        "grad-weight-of-first-item",
        "The gradient by the weight sums the batch's first item alone.",
        grad_weight=lambda forward, grad: _first_item(forward, grad * forward.normalized),
    ),
    wrong("grad-bias-zero", "The gradient by the bias is zero.", grad_bias=lambda f, g: 0 * f.bias),
    wrong(
        "grad-weight-zero-in-inference",
        "A layer in inference is taken for frozen: no gradient by the weight.",
        grad_weight=lambda f, g: total(g * f.normalized) * f.call.training,
    ),
)

#: Every fault of this family.
FAULTS: tuple[Fault, ...] = (*_INPUT, *_PARAMETERS)
