"""Backward: the gradients by the data, the weight and the bias."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bnparity_reference.added import Addend, added_of, columns_of_addend
from bnparity_reference.call import Call
from bnparity_reference.double_double import DoubleDouble, plane
from bnparity_reference.masks import counted, left_in
from bnparity_reference.merge import over_ranks, products_by_rank, totals_by_rank
from bnparity_reference.normalize import (
    Moments,
    Scale,
    about_own_mean,
    added_after,
    forward_of,
    moments_given,
    plus,
    scale_of,
)
from bnparity_reference.records import Backward, Forward
from bnparity_reference.running import Averages
from bnparity_reference.scalars import parameters_divided_by
from bnparity_reference.scaled import Scaled, scaled

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What the backward pass works from: the statistics that it normalises by, 1 / denominator.

    ``through`` are the moments that it flows through, None where the statistics are constants, and
    ``share`` (1, 1) is what they have in the statistics that normalise.
    """

    used: Moments
    scale: Scale
    through: Moments | None
    share: DoubleDouble | None = None


def basis_of(
    call: Call, used: Moments, scale: Scale, batch: Moments | None, averages: Averages | None
) -> Basis:
    """Return what the backward pass works from, where the forward pass had `used` and `scale`."""
    rule, textbook = call.dialect.grad_statistics, call.dialect.gradient != "derived"
    if rule == "batch" and batch is not None:
        return Basis(used=batch, scale=_scale(call, batch, scale, used), through=batch)
    if rule == "updated" and averages is not None:
        given = moments_given(call, averages.mean, averages.var)
        return Basis(used=given, scale=_scale(call, given, scale, used), through=None)
    scale = _scale(call, used, scale, used)
    flows = call.training if textbook else call.source != "running"
    if rule == "constant" or not flows:
        return Basis(used=used, scale=scale, through=None)
    if call.source == "updated" and not textbook:
        return _through_update(call, used, scale, batch)
    return Basis(used=used, scale=scale, through=used)


def _through_update(call: Call, used: Moments, scale: Scale, batch: Moments | None) -> Basis:
    """Return the basis where the running statistics after their update normalise."""
    if call.entering is None or call.old_mean is None or call.old_var is None or used.stored:
        return Basis(used=used, scale=scale, through=None)
    if call.dialect.running_variance_about == "old_mean":
        old = (scaled(a, call.extreme) for a in (call.old_mean, call.old_var))
        batch = moments_given(call, *old)
    return Basis(used=used, scale=scale, through=batch, share=call.entering[1])


def _scale(call: Call, moments: Moments, scale: Scale, used: Moments) -> Scale:
    """Return 1 / denominator in the backward pass; it is the forward pass's where it can be."""
    without = call.dialect.gradient == "without_eps"
    if moments is used and not without:
        return scale
    return scale_of(call, moments, 0.0 if without else call.eps)


def _last(call: Call, basis: Basis) -> Scale:
    """Return what the gradient by the data is multiplied by in the end: its scale, mostly."""
    if call.dialect.gradient == "gain_without_eps":
        return scale_of(call, basis.used, 0.0)
    return basis.scale


def gradients_of(call: Call, basis: Basis, addend: Addend | None) -> dict[str, Array]:
    """Return the gradients by name, and the columns behind them.

    The gradient by the data has three parts: straight, through the mean, through the variance. What
    comes through running statistics is added.
    Those by weight and bias are (C, R): each of R ranks sums over its own values.
    """
    assert call.grad is not None
    grad, scale, centred = scaled(call.grad, call.extreme), basis.scale, basis.used.centred
    last = _last(call, basis)
    grad_bias = Scaled(totals_by_rank(grad.value, call.counts), grad.exponent)
    products = products_by_rank(grad.value, centred.value, call.counts)
    grad_xh = Scaled(products, grad.exponent + centred.exponent) * scale.inverse
    mean, projection = _means(call, basis, grad_bias, grad_xh)
    through = basis.through
    if through is not None and call.dialect.gradient == "derived":
        through = about_own_mean(call, through)
    found = {
        "grad_weight": _of_parameter(call, _by_weight(call, grad_xh, grad_bias)),
        "grad_bias": _of_parameter(call, grad_bias),
        "grad_mean": mean,
        "projection": projection,
        "slope": scale.slope,
    }
    rounded = {name: number.rounded() for name, number in found.items()}
    scales = scale.slope, last.gain
    rounded["grad_input"] = _by_input(call, grad, through, (mean, projection), scales, addend)
    if last is not scale:
        rounded["last_scale"] = 1.0 / last.inverse.rounded()
    rounded |= {} if addend is None else columns_of_addend(addend)
    if through is not None:
        rounded["through_mean"] = through.mean.rounded()
    if 0 in call.counts:  # a sum of no terms is 0, whatever it is multiplied by
        rounded["grad_weight"][:, [count == 0 for count in call.counts]] = 0.0
    return rounded


def _by_input(
    call: Call,
    grad: Scaled,
    through: Moments | None,
    means: tuple[Scaled, Scaled],
    scales: tuple[Scaled, Scaled],
    addend: Addend | None,
) -> Array:
    """Return the gradient by the data: straight, less what flows through mean and variance."""
    (mean, projection), (slope, gain), inner = means, scales, grad.value
    if through is not None:
        centred = through.centred
        factor = (projection * slope).at(grad.exponent - centred.exponent)
        less = mean.at(grad.exponent)
        if call.mask is None and not call.extreme and addend is None:  # then every exponent is 0
            return plane(grad.value, less, centred.value, factor, gain.value)
        inner = inner - left_in(less, call.mask)
        inner = inner + left_in(centred.value * -factor, call.mask)
    by_data = Scaled(inner, grad.exponent) * gain
    return (by_data if addend is None else plus(by_data, addend.values)).rounded()


def _means(call: Call, basis: Basis, grad_bias: Scaled, grad_xh: Scaled) -> tuple[Scaled, Scaled]:
    """Return the averages of g and of g * xh that the gradient by the data takes away."""
    sums = [Scaled(over_ranks(part.value), part.exponent) for part in (grad_bias, grad_xh)]
    rule = call.dialect.gradient
    if rule == "derived":
        of_update = call.source == "updated"
        estimator = "running_variance" if of_update else "normalizing_variance"
        projection = call.over_degrees(sums[1], getattr(call.dialect, estimator))
        mean = call.averaged(sums[0])
    else:
        less = (rule in ("bessel", "bessel_mean"), rule in ("bessel", "bessel_projection"))
        mean, projection = (
            part.over(_one_less(call)) if one_less else call.averaged(part)
            for part, one_less in zip(sums, less, strict=True)
        )
    if basis.share is not None:
        mean, projection = mean * Scaled(basis.share), projection * Scaled(basis.share)
    nothing = Scaled(DoubleDouble(np.zeros_like(mean.value.hi)))
    mean = nothing if rule == "without_mean" else mean
    return mean, nothing if rule == "without_projection" else projection


def _one_less(call: Call) -> int | Array:
    """Return how many values there are less one, and 0 for none."""
    if call.mask is None:
        n: int = call.x.shape[1]
        return max(n - 1, 0)
    less: Array = np.maximum(counted(call.mask) - 1.0, 0.0)
    return less


def _of_parameter(call: Call, sums: Scaled) -> Scaled:
    """Return the gradient by a parameter, given the sums over the values of each rank (C, R)."""
    if call.dialect.parameter_gradients == "summed":
        return sums
    by_rank = zip(call.counts, call.images, strict=True)
    return sums.over(np.array([parameters_divided_by(call.dialect, *each) for each in by_rank]))


def _by_weight(call: Call, grad_xh: Scaled, grad_bias: Scaled) -> Scaled:
    """Return the gradient by the weight, whose sign counts where its magnitude is applied."""
    after = 0.0 if call.dialect.gradient == "without_eps" else added_after(call)
    if after:
        grad_xh = plus(grad_xh, grad_bias * Scaled(DoubleDouble(np.array([[after]]))))
    if call.dialect.weight != "absolute" or call.weight_sign is None:
        return grad_xh
    return grad_xh * Scaled(DoubleDouble(call.weight_sign))


def backward_of(call: Call, parts: Mapping[str, Array], forward: Forward) -> Backward | None:
    """Return what the bounds need to know of the way to the gradients, after that `forward`."""
    if call.grad is None:
        return None
    own = last = _forward(call, parts, forward)
    if "last_scale" in parts:
        last = replace(own, eps=0.0, scale=parts["last_scale"])
    return Backward(
        grad=call.grad,
        mean=parts["grad_mean"],
        projection=parts["projection"],
        slope=parts["slope"],
        through_mean=parts.get("through_mean"),
        added=added_of(call, parts),
        forward=own,
        last=last,
    )


def _forward(call: Call, parts: Mapping[str, Array], forward: Forward) -> Forward:
    """Return what the bounds need to know of what the backward pass normalises by.

    Mostly it is that of the forward pass, which is looked at once then.
    """
    rule = call.dialect.grad_statistics
    tracked = call.old_mean is not None
    source = {"batch": "batch", "updated": "updated" if tracked else call.source}.get(
        rule, call.source
    )
    eps = 0.0 if call.dialect.gradient == "without_eps" else call.eps
    stored = source != "batch" and call.dialect.stored_variance == "inverse_deviation"
    given = (forward.scale, forward.source, forward.eps, forward.stored)
    if parts["grad_scale"] is given[0] and (source, eps, stored) == given[1:]:
        return forward
    other = forward_of(call, parts, "grad_")
    return replace(other, source=source, eps=eps, stored=stored)
