"""Forward: the statistics that normalise, 1 / denominator, the output."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.call import Call
from bnparity_reference.double_double import (
    DoubleDouble,
    Exponent,
    centred,
    line,
    root,
    total,
    total_of_products,
)
from bnparity_reference.masks import left_in
from bnparity_reference.merge import merged, moments_by_rank
from bnparity_reference.records import Forward, Statistics
from bnparity_reference.scaled import Scaled, common_unit, exponents, rescaled, scaled, unit

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Moments:
    """The data less their mean (C, n), the mean, the variance and the sum of squares (C, 1).

    Where it is ``stored``, ``var`` is 1 / denominator.
    """

    centred: Scaled
    mean: Scaled
    var: Scaled
    squares: Scaled | None
    stored: bool = False


@dataclass(frozen=True, kw_only=True)
class Scale:
    """1 / denominator; that times the weight; twice the denominator's slope by the variance."""

    inverse: Scaled
    gain: Scaled
    slope: Scaled


def moments_of_batch(call: Call) -> Moments:
    """Return the moments of the data; no correction is due, the mean is exact enough."""
    data = scaled(call.x, call.extreme)
    if len(call.counts) > 1 and call.mask is None:
        whole = merged(moments_by_rank(data.value, call.counts))
        mean = whole.mean
        shifted = _centred(data, mean)
        squares = Scaled(whole.squares, 2 * data.exponent)
    else:
        mean = call.averaged(Scaled(total(left_in(data.value, call.mask)))).value
        shifted = _centred(data, mean)
        squares = Scaled(_squares(call, shifted.value), 2 * shifted.exponent)
    return Moments(
        centred=shifted,
        mean=Scaled(mean, data.exponent),
        var=call.over_degrees(squares, call.dialect.normalizing_variance),
        squares=squares,
    )


def _squares(call: Call, numbers: DoubleDouble) -> DoubleDouble:
    """Return the sum of the squares of the numbers (C, n) that are left in."""
    if call.mask is None:
        return total_of_products(numbers, numbers)
    return total(left_in(numbers * numbers, call.mask))


def moments_given(call: Call, mean: Scaled, var: Scaled) -> Moments:
    """Return running statistics as moments of the data."""
    data = scaled(call.x, call.extreme)
    shift = common_unit(mean, data)
    location = mean.at(shift)
    stored = call.dialect.stored_variance == "inverse_deviation"
    return Moments(
        centred=_centred(Scaled(data.at(shift), shift), location),
        mean=Scaled(location, shift),
        var=var if stored else _not_negative(call, var),
        squares=None,
        stored=stored,
    )


def about_own_mean(call: Call, moments: Moments) -> Moments:
    """Return moments about the mean of the values; a mask may have another divisor than that."""
    if call.mask is None or moments.squares is None:
        return moments
    if call.dialect.masked_count == "left_in":  # they are about it already
        return moments
    centred = moments.centred
    sums = Scaled(total(left_in(centred.value, call.mask)), centred.exponent)
    off = call.averaged(sums)
    less = Scaled(-off.value, off.exponent)
    return replace(moments, centred=plus(centred, less), mean=plus(moments.mean, off))


def _not_negative(call: Call, var: Scaled) -> Scaled:
    """Return running variances as the dialect reads those below zero."""
    rule, value = call.dialect.negative_variance, var.value
    if rule == "nan" or not np.any(value.hi < 0.0):
        return var
    sign = np.where(value.hi < 0.0, -1.0 if rule == "absolute" else 0.0, 1.0)
    return Scaled(
        DoubleDouble(value.hi * sign, None if value.lo is None else value.lo * sign), var.exponent
    )


def _centred(data: Scaled, mean: DoubleDouble) -> Scaled:
    """Return `data` less `mean`, which is in their unit."""
    return rescaled(Scaled(centred(data.value, mean), data.exponent))


def scale_of(call: Call, used: Moments, eps: float) -> Scale:
    """Return what the centred data are multiplied by, where `eps` is what counts."""
    inverse, slope = (used.var, used.var) if used.stored else inverse_of(call, used.var, eps)
    if call.dialect.gradient != "derived":
        slope = inverse
    return Scale(
        inverse=inverse,
        gain=inverse if call.weight is None else scaled(call.weight, call.extreme) * inverse,
        slope=slope,
    )


def inverse_of(call: Call, var: Scaled, eps: float) -> tuple[Scaled, Scaled]:
    """Return 1 / denominator of a variance, and twice the denominator's slope by it."""
    if call.dialect.denominator == "variance":
        return _by_variance(call, var, eps)
    return _by_deviation(call, var, eps)


def _by_deviation(call: Call, variance: Scaled, given: float) -> tuple[Scaled, Scaled]:
    """Return 1 / sqrt(var + eps), or 1 / (sqrt(var) + eps), and twice its slope."""
    outside = call.dialect.eps_placement == "outside"
    given = 0.0 if call.dialect.eps_placement == "after_division" else given
    shift = _unit_of_denominator(call, variance, given)
    var = variance.at(2 * shift)
    eps = DoubleDouble(np.ldexp(np.full_like(var.hi, given), -shift if outside else -2 * shift))
    one = DoubleDouble(np.ones_like(var.hi))
    inner = root(var) if outside else root(var + eps)
    inverse = one / (inner + eps if outside else inner)
    slope = inverse
    if outside:
        slope = one / inner
        if not inner.hi.all():  # at 0 the root has no derivative, and none is taken
            slope = DoubleDouble(np.where(inner.hi == 0.0, 0.0, slope.rounded()))
    return Scaled(inverse, -shift), Scaled(slope, -shift)


def _by_variance(call: Call, var: Scaled, given: float) -> tuple[Scaled, Scaled]:
    """Return 1 / (var + eps), and twice the slope of var + eps."""
    eps = scaled(np.full_like(var.value.hi, given), call.extreme)
    shift = common_unit(var, eps)
    one = DoubleDouble(np.ones_like(var.value.hi))
    inverse = one / (var.at(shift) + eps.at(shift))
    return Scaled(inverse, -shift), Scaled(one + one)


def _unit_of_denominator(call: Call, var: Scaled, eps: float) -> Exponent:
    if not call.extreme:
        return 0
    of_eps = exponents(np.array([[eps]]))
    if call.dialect.eps_placement == "inside":
        of_eps = of_eps // 2
    return unit(np.maximum((exponents(var.value.hi) + var.exponent) // 2, of_eps))


def output_of(call: Call, used: Moments, scale: Scale) -> Array:
    """Return weight * centred / denominator + bias, (C, n)."""
    if not call.extreme and not added_after(call):  # then every exponent is 0
        bias = None if call.bias is None else DoubleDouble(call.bias)
        return line(used.centred.value, scale.gain.value, bias)
    product = used.centred * scale.gain
    if added_after(call):
        weight = np.ones_like(scale.gain.value.hi) if call.weight is None else call.weight
        product = plus(product, scaled(weight, call.extreme) * Scaled(_number(call.eps)))
    return (
        product if call.bias is None else plus(product, scaled(call.bias, call.extreme))
    ).rounded()


def added_after(call: Call) -> float:
    """Return what is added to the normalised data: eps where the dialect places it there."""
    return call.eps if call.dialect.eps_placement == "after_division" else 0.0


def _number(value: float) -> DoubleDouble:
    return DoubleDouble(np.array([[value]]))


def plus(a: Scaled, b: Scaled) -> Scaled:
    """Return the sum, in a unit that holds both."""
    shift = common_unit(a, b)
    return Scaled(a.at(shift) + b.at(shift), shift)


def forward_of(call: Call, parts: Mapping[str, Array], prefix: str = "") -> Forward:
    """Return what the bounds need to know of the way to the output, given `columns_of` all."""
    identity = np.ones_like(parts[prefix + "scale"])
    return Forward(
        x=call.x,
        used=Statistics(mean=parts[prefix + "used_mean"], var=parts[prefix + "used_var"]),
        source=call.source,
        eps=call.eps,
        scale=parts[prefix + "scale"],
        weight=identity if call.weight is None else call.weight,
        bias=0.0 * identity if call.bias is None else call.bias,
        stored=call.source != "batch" and call.dialect.stored_variance == "inverse_deviation",
        mask=call.mask,
        divisor=None if call.divisor is None else call.divisor.hi,
    )


def columns_of(used: Moments, scale: Scale) -> dict[str, Array]:
    """Return the statistics that normalise and the denominator."""
    return {
        "used_mean": used.mean.rounded(),
        "used_var": used.var.rounded(),
        "scale": 1.0 / scale.inverse.rounded(),
    }
