"""Forward: the statistics that normalise, 1 / denominator, the output."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.dialect import Estimator
from bnparity_reference.double_double import DoubleDouble, Exponent, root, total
from bnparity_reference.merge import merged, moments_by_rank
from bnparity_reference.records import Forward, Statistics
from bnparity_reference.scaled import Scaled, common_unit, exponents, rescaled, scaled, unit

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The data less their mean (C, n), the mean, the variance and the sum of squares (C, 1)."""

    centred: Scaled
    mean: Scaled
    var: Scaled
    squares: Scaled | None


@dataclass(frozen=True, kw_only=True)
class Scale:
    """1 / denominator; that times the weight; twice the denominator's slope by the variance."""

    inverse: Scaled
    gain: Scaled
    slope: Scaled


def moments_of_batch(call: Call) -> Moments:
    """Return the moments of the data; no correction is due, the mean is exact enough."""
    data, n = scaled(call.x, call.extreme), call.x.shape[1]
    if len(call.counts) > 1:
        whole = merged(moments_by_rank(data.value, call.counts))
        mean = whole.mean
        centred = _centred(data, mean)
        squares = Scaled(whole.squares, 2 * data.exponent)
    else:
        mean = total(data.value).over(n)
        centred = _centred(data, mean)
        squares = Scaled(total(centred.value * centred.value), 2 * centred.exponent)
    return Moments(
        centred=centred,
        mean=Scaled(mean, data.exponent),
        var=squares.over(divisor(n, call.dialect.normalizing_variance)),
        squares=squares,
    )


def moments_given(call: Call, mean: Array, var: Array) -> Moments:
    """Return running statistics as moments of the data."""
    both = scaled(np.concatenate([mean, call.x], axis=1), call.extreme)  # in one unit
    location, data = DoubleDouble(both.value.hi[:, :1]), DoubleDouble(both.value.hi[:, 1:])
    return Moments(
        centred=_centred(Scaled(data, both.exponent), location),
        mean=Scaled(location, both.exponent),
        var=scaled(var, call.extreme),
        squares=None,
    )


def _centred(data: Scaled, mean: DoubleDouble) -> Scaled:
    """Return `data` less `mean`, which is in their unit."""
    return rescaled(Scaled((data.value - mean).normalized(), data.exponent))


def scale_of(call: Call, used: Moments) -> Scale:
    """Return what the centred data are multiplied by."""
    outside = call.dialect.eps_placement == "outside"
    shift = _unit_of_denominator(call, used.var)
    var = used.var.at(2 * shift)
    eps = DoubleDouble(np.ldexp(np.full_like(var.hi, call.eps), -shift if outside else -2 * shift))
    one = DoubleDouble(np.ones_like(var.hi))
    inner = root(var) if outside else root(var + eps)
    inverse = one / (inner + eps if outside else inner)
    slope = inverse
    if outside and call.dialect.gradient == "derived":
        slope = one / inner
        if not inner.hi.all():  # at 0 the root has no derivative, and none is taken
            slope = DoubleDouble(np.where(inner.hi == 0.0, 0.0, slope.rounded()))
    gain = Scaled(inverse, -shift)
    return Scale(
        inverse=Scaled(inverse, -shift),
        gain=gain if call.weight is None else scaled(call.weight, call.extreme) * gain,
        slope=Scaled(slope, -shift),
    )


def _unit_of_denominator(call: Call, var: Scaled) -> Exponent:
    if not call.extreme:
        return 0
    of_eps = exponents(np.array([[call.eps]]))
    if call.dialect.eps_placement == "inside":
        of_eps = of_eps // 2
    return unit(np.maximum((exponents(var.value.hi) + var.exponent) // 2, of_eps))


def output_of(call: Call, used: Moments, scale: Scale) -> Array:
    """Return weight * centred / denominator + bias, (C, n)."""
    product = used.centred * scale.gain
    if call.bias is None:
        return product.rounded()
    bias = scaled(call.bias, call.extreme)
    shift = common_unit(product, bias)
    return Scaled(product.at(shift) + bias.at(shift), shift).rounded()


def forward_of(call: Call, parts: Mapping[str, Array]) -> Forward:
    """Return what the bounds need to know of the way to the output, given `columns_of` all."""
    identity = np.ones_like(parts["scale"])
    return Forward(
        x=call.x,
        used=Statistics(mean=parts["used_mean"], var=parts["used_var"]),
        from_batch=call.source == "batch",
        eps=call.eps,
        scale=parts["scale"],
        weight=identity if call.weight is None else call.weight,
        bias=0.0 * identity if call.bias is None else call.bias,
    )


def columns_of(used: Moments, scale: Scale) -> dict[str, Array]:
    """Return the statistics that normalise and the denominator."""
    return {
        "used_mean": used.mean.rounded(),
        "used_var": used.var.rounded(),
        "scale": 1.0 / scale.inverse.rounded(),
    }


def divisor(n: int, estimator: Estimator) -> int:
    """Return what a sum of n squares is divided by; 0 / 0 is NaN, as everywhere."""
    return n if estimator == "biased" else max(n - 1, 0)
