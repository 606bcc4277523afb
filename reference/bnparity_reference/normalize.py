"""Forward: the statistics that normalise, 1 / denominator, the output."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.dialect import Estimator
from bnparity_reference.double_double import (
    DoubleDouble,
    Scaled,
    exactly,
    exponents,
    extreme,
    rescaled,
    root,
    scaled,
    total,
)
from bnparity_reference.records import Forward, Statistics

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The data less their mean (C, n), the mean, the variance and the sum of squares (C, 1)."""

    centred: Scaled
    mean: Scaled
    var: Scaled
    squares: Scaled | None

    @property
    def from_batch(self) -> bool:
        """Whether they are those of the data."""
        return self.squares is not None

    def statistics(self) -> Statistics:
        """Return them as the bounds take them."""
        return Statistics(
            mean=self.mean.rounded(),
            var=self.var.rounded(),
            centred=self.centred.rounded(),
            from_batch=self.from_batch,
        )


@dataclass(frozen=True, kw_only=True)
class Scale:
    """1 / denominator; that times the weight; twice the denominator's slope by the variance."""

    inverse: Scaled
    gain: Scaled
    slope: Scaled


def moments_of_batch(x: Array, estimator: Estimator) -> Moments:
    """Return the moments of the data; no correction is due, the mean is exact enough."""
    data, n = scaled(x), x.shape[1]
    mean = total(data.value) / count(n, "biased")
    centred = rescaled(Scaled(data.value - mean, data.exponent))
    squares = Scaled(total(centred.value * centred.value), 2 * centred.exponent)
    return Moments(
        centred=centred,
        mean=Scaled(mean, data.exponent),
        var=Scaled(squares.value / count(n, estimator), squares.exponent),
        squares=squares,
    )


def moments_given(x: Array, mean: Array, var: Array) -> Moments:
    """Return running statistics as moments of the data."""
    both = scaled(np.concatenate([mean, x], axis=1))  # in one unit, to be subtracted
    hi, lo = both.value.hi, both.value.lo
    location = DoubleDouble(hi[:, :1], lo[:, :1])
    data = DoubleDouble(hi[:, 1:], lo[:, 1:])
    return Moments(
        centred=rescaled(Scaled(data - location, both.exponent)),
        mean=Scaled(location, both.exponent),
        var=scaled(var),
        squares=None,
    )


def scale_of(call: Call, used: Moments) -> Scale:
    """Return what the centred data are multiplied by."""
    outside = call.dialect.eps_placement == "outside"
    magnitude = (exponents(used.var.value.hi) + used.var.exponent) // 2
    of_eps = exponents(np.array([[call.eps]])) // (1 if outside else 2)
    unit = extreme(np.maximum(magnitude, of_eps))
    var = used.var.at(2 * unit)
    eps = exactly(np.ldexp(np.full_like(var.hi, call.eps), -unit if outside else -2 * unit))
    one = exactly(np.ones_like(var.hi))
    inner = root(var) if outside else root(var + eps)
    inverse = one / (inner + eps if outside else inner)
    slope = inverse
    if outside and call.dialect.gradient == "derived":
        slope = one / inner
        if not inner.hi.all():  # at 0 the root has no derivative, and none is taken
            slope = exactly(np.where(inner.hi == 0.0, 0.0, slope.hi))
    weight = scaled(np.ones_like(var.hi) if call.weight is None else call.weight)
    return Scale(
        inverse=Scaled(inverse, -unit),
        gain=Scaled(weight.value * inverse, weight.exponent - unit),
        slope=Scaled(slope, -unit),
    )


def output_of(call: Call, used: Moments, scale: Scale) -> Array:
    """Return weight * centred / denominator + bias, (C, n)."""
    product = used.centred.exponent + scale.gain.exponent
    if call.bias is None:
        return Scaled(used.centred.value * scale.gain.value, product).rounded()
    bias = scaled(call.bias)
    unit = np.where(call.bias == 0.0, product, np.maximum(product, bias.exponent))
    gain = scale.gain.at(unit - used.centred.exponent)
    return Scaled(used.centred.value * gain + bias.at(unit), unit).rounded()


def forward_rows(call: Call, used: Moments, scale: Scale) -> Forward:
    """Return what the bounds need to know of the way to the output."""
    denominators = 1.0 / scale.inverse.rounded()
    identity = np.ones_like(denominators)
    product = used.centred.value.hi * scale.inverse.value.hi
    return Forward(
        x=call.x,
        used=used.statistics(),
        eps=call.eps,
        scale=denominators,
        normalized=ldexp(product, used.centred.exponent + scale.inverse.exponent),
        weight=identity if call.weight is None else call.weight,
        bias=0.0 * identity if call.bias is None else call.bias,
    )


def count(n: int, estimator: Estimator) -> DoubleDouble:
    """Return what a sum of n squares is divided by: (1, 1); 0 / 0 is NaN, as everywhere."""
    return exactly(np.array([[float(n if estimator == "biased" else max(n - 1, 0))]]))


def ldexp(rows: Array, exponent: NDArray[np.intc]) -> Array:
    """Return `rows` times 2 ** `exponent`, untouched where that is 1."""
    return np.ldexp(rows, exponent) if exponent.any() else rows
