"""Backward: the gradients by the data, the weight and the bias."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.double_double import total
from bnparity_reference.normalize import Moments, Scale, divisor
from bnparity_reference.records import Backward
from bnparity_reference.scaled import Scaled, scaled

Array = NDArray[np.float64]
#: By the data (C, n), by the weight and by the bias (C, 1).
Gradients: TypeAlias = tuple[Array, Array, Array]


def gradients_of(call: Call, used: Moments, scale: Scale) -> tuple[Gradients, Backward] | None:
    """Return the gradients, and what the bounds need to know of the way to them.

    The gradient by the data has three parts: straight, through the mean, through the variance.
    """
    if call.grad is None:
        return None
    dialect, n = call.dialect, call.x.shape[1]
    grad, centred = scaled(call.grad, call.extreme), used.centred
    grad_bias = Scaled(total(grad.value), grad.exponent)
    mean = grad_bias.over(n)
    product = Scaled(total(grad.value * centred.value), grad.exponent + centred.exponent)
    grad_weight = product * scale.inverse if n else product  # a sum of no terms is 0
    textbook = dialect.gradient == "textbook"
    projection = grad_weight.over(
        divisor(n, "biased" if textbook else dialect.normalizing_variance)
    )
    through = call.training if textbook else used.from_batch
    through = through and dialect.grad_statistics == "differentiated"
    inner = grad.value
    if through:
        factor = (projection * scale.slope).at(grad.exponent - centred.exponent)
        inner = inner - mean.value + centred.value * -factor
    grad_input = Scaled(inner, grad.exponent) * scale.gain
    backward = Backward(
        grad=call.grad,
        mean=mean.rounded(),
        projection=projection.rounded(),
        slope=scale.slope.rounded(),
        through_statistics=through,
    )
    return (grad_input.rounded(), grad_weight.rounded(), grad_bias.rounded()), backward
