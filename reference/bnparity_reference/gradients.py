"""Backward: the gradients by the data, the weight and the bias."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.double_double import Scaled, scaled, total
from bnparity_reference.normalize import Moments, Scale, count
from bnparity_reference.records import Backward

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
    grad, centred = scaled(call.grad), used.centred
    grad_bias = total(grad.value)
    mean = grad_bias / count(n, "biased")
    product = Scaled(total(grad.value * centred.value), grad.exponent + centred.exponent)
    grad_weight = _times(product, scale.inverse)
    textbook = dialect.gradient == "textbook"
    divisor = count(n, "biased" if textbook else dialect.normalizing_variance)
    projection = Scaled(grad_weight.value / divisor, grad_weight.exponent)
    through = call.training if textbook else used.from_batch
    through = through and dialect.grad_statistics == "differentiated"
    inner = grad.value
    if through:
        factor = _times(projection, scale.slope)
        inner = inner - mean - centred.value * factor.at(grad.exponent - centred.exponent)
    grad_input = Scaled(inner * scale.gain.value, grad.exponent + scale.gain.exponent)
    backward = Backward(
        grad=call.grad,
        mean=Scaled(mean, grad.exponent).rounded(),
        projection=projection.rounded(),
        slope=scale.slope.rounded(),
        through_statistics=through,
    )
    by_bias = Scaled(grad_bias, grad.exponent).rounded()
    return (grad_input.rounded(), grad_weight.rounded(), by_bias), backward


def _times(a: Scaled, b: Scaled) -> Scaled:
    return Scaled(a.value * b.value, a.exponent + b.exponent)
