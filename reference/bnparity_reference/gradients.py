"""Backward: the gradients by the data, the weight and the bias."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.merge import over_ranks, totals_by_rank
from bnparity_reference.normalize import Moments, Scale, divisor
from bnparity_reference.records import Backward
from bnparity_reference.scaled import Scaled, scaled

Array = NDArray[np.float64]


def gradients_of(call: Call, used: Moments, scale: Scale) -> dict[str, Array]:
    """Return the gradients by name, and the columns behind them; nothing if none are asked for.

    The gradient by the data has three parts: straight, through the mean, through the variance.
    Those by weight and bias are (C, R): each of R ranks sums over its own values.
    """
    if call.grad is None:
        return {}
    n, grad, centred = call.x.shape[1], scaled(call.grad, call.extreme), used.centred
    grad_bias = Scaled(totals_by_rank(grad.value, call.counts), grad.exponent)
    mean = Scaled(over_ranks(grad_bias.value), grad.exponent).over(n)
    products = totals_by_rank(grad.value * centred.value, call.counts)
    grad_weight = Scaled(products, grad.exponent + centred.exponent) * scale.inverse
    textbook = call.dialect.gradient == "textbook"
    estimator = "biased" if textbook else call.dialect.normalizing_variance
    whole = Scaled(over_ranks(grad_weight.value), grad_weight.exponent)
    projection = whole.over(divisor(n, estimator))
    inner = grad.value
    if through_statistics(call):
        factor = (projection * scale.slope).at(grad.exponent - centred.exponent)
        inner = inner - mean.value + centred.value * -factor
    grad_input = Scaled(inner, grad.exponent) * scale.gain
    found = {
        "grad_input": grad_input,
        "grad_weight": grad_weight,
        "grad_bias": grad_bias,
        "grad_mean": mean,
        "projection": projection,
        "slope": scale.slope,
    }
    rounded = {name: number.rounded() for name, number in found.items()}
    if 0 in call.counts:  # a sum of no terms is 0, whatever it is multiplied by
        rounded["grad_weight"][:, [count == 0 for count in call.counts]] = 0.0
    return rounded


def backward_of(call: Call, parts: Mapping[str, Array]) -> Backward | None:
    """Return what the bounds need to know of the way to the gradients."""
    if call.grad is None:
        return None
    return Backward(
        grad=call.grad,
        mean=parts["grad_mean"],
        projection=parts["projection"],
        slope=parts["slope"],
        through_statistics=through_statistics(call),
    )


def through_statistics(call: Call) -> bool:
    """Return whether the statistics depend on the data, for the gradient."""
    dialect = call.dialect
    depend = call.training if dialect.gradient == "textbook" else call.source == "batch"
    return depend and dialect.grad_statistics == "differentiated"
