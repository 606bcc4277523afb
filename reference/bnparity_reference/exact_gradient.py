"""The gradients of one channel in exact fractions."""

from dataclasses import replace
from fractions import Fraction
from typing import TypeAlias

from bnparity_reference.exact_statistics import (
    Channel,
    Moments,
    Scale,
    Settings,
    Value,
    Values,
    divisor,
    is_passed_through,
    over_degrees,
    scale_of,
    used_of,
)
from bnparity_reference.rational import total

#: A running mean and a running variance.
Update: TypeAlias = tuple[Value, Value]


def backward(
    channel: Channel, settings: Settings, batch: Moments, updates: tuple[Update, Update]
) -> dict[str, Values]:
    """Return the gradients by the data, the weight and the bias.

    `updates` are the running statistics after the call, and those that may normalise.
    """
    grad, n, dialect = channel.grad, len(channel.x), settings.dialect
    if n == 0:  # sums of no terms, whatever they would be divided by
        return {"grad_input": [], "grad_weight": [Fraction(0)], "grad_bias": [Fraction(0)]}
    grad_bias = total(grad)
    rule = _grad_statistics(settings)
    source = rule if rule in ("batch", "updated") else settings.source
    kept, entered = updates
    update = kept if rule == "updated" else entered
    used = used_of(channel, settings, batch, update, source)
    scale = scale_of(
        used, Fraction(0) if dialect.gradient == "without_eps" else settings.eps, dialect
    )
    inverse = scale.inverse
    if inverse is None or used.mean is None:
        return {"grad_input": [None] * n, "grad_weight": [None], "grad_bias": [grad_bias]}
    if dialect.gradient != "derived":  # of the textbook: eps inside, whatever s is
        scale = replace(scale, log_slope=inverse**2)
    products = total(g * d for g, d in zip(grad, used.centred, strict=True))
    grad_xh = products * inverse
    by_data: Values = [None] * n
    last = scale
    if dialect.gradient == "gain_without_eps":
        last = replace(scale, inverse=scale_of(used, Fraction(0), dialect).inverse)
    if last.inverse is not None:
        by_data = _by_data(channel, settings, (batch, used), last, products)
    by_weight: Value = _by_weight(channel, settings, grad_xh, grad_bias)
    if channel.missing is not None:  # a sum of products with NaN is NaN
        by_data, by_weight = _without_products(channel, settings, by_data), None
    added = through_running(channel, settings, batch)
    return {
        "grad_input": [
            None if g is None or more is None else g + more
            for g, more in zip(by_data, added, strict=True)
        ],
        "grad_weight": [by_weight],
        "grad_bias": [grad_bias],
    }


def _without_products(channel: Channel, settings: Settings, by_data: Values) -> Values:
    """Return the gradient by the data, none where the variance has a part in it."""
    if not _flows(settings) or settings.dialect.gradient == "without_projection":
        return by_data
    return [None if there else dx for dx, there in zip(by_data, channel.places, strict=True)]


def _by_data(
    channel: Channel,
    settings: Settings,
    moments: tuple[Moments, Moments],
    scale: Scale,
    products: Fraction,
) -> Values:
    """Return the gradient by the data: straight, less what goes through mean and variance."""
    batch, used = moments
    inverse = scale.inverse or Fraction(0)
    weight = abs(channel.weight) if settings.dialect.weight == "absolute" else channel.weight
    factor, centred = weight * inverse, used.centred
    straight = [factor * g for g in channel.grad]
    if not _flows(settings) or not any(channel.places):
        return [*straight]
    means = _means(channel, settings, total(channel.grad), products)
    if means is None:
        return [None if there else g for g, there in zip(straight, channel.places, strict=True)]
    mean, projection = means[0], means[1] * scale.log_slope
    if settings.source == "updated" and settings.dialect.gradient == "derived":
        assert settings.entering is not None
        share, centred = settings.entering[1], batch.centred
        if settings.dialect.running_variance_about == "old_mean":
            centred = [value - channel.running_mean for value in channel.x]
        mean, projection = share * mean, share * projection
    if centred is batch.centred and settings.dialect.gradient == "derived":
        centred = _about_own_mean(channel, settings, centred)
    return [
        g - factor * (mean + d * projection) if there else g
        for g, d, there in zip(straight, centred, channel.places, strict=True)
    ]


def through_running(channel: Channel, settings: Settings, batch: Moments) -> Values:
    """Return what the new running statistics add to the gradient by the data."""
    dialect, count = settings.dialect, divisor(channel, settings)
    nothing: Values = [Fraction(0)] * len(channel.x)
    if dialect.statistics_gradient == "stopped" or dialect.stored_variance != "variance":
        return nothing
    if not settings.tracked or not count:
        return nothing
    if settings.weights is None or is_passed_through(channel, settings):
        return nothing
    share = settings.weights[1]
    by_mean = share * channel.grad_mean / count
    by_var = channel.grad_var
    if by_var is not None:
        by_var = over_degrees(2 * share * by_var, channel, settings, dialect.running_variance)
    if dialect.running_variance_about == "old_mean":
        centred = [value - channel.running_mean for value in channel.x]
    else:
        centred = _about_own_mean(channel, settings, batch.centred)
    added: Values = [None if by_var is None else by_mean + by_var * d for d in centred]
    return [a if there else Fraction(0) for a, there in zip(added, channel.places, strict=True)]


def _about_own_mean(
    channel: Channel, settings: Settings, centred: list[Fraction]
) -> list[Fraction]:
    """Return the centred data less what those left in add up to, over their divisor.

    That is how the variance depends on the data through its mean. Without a mask it is 0.
    """
    off = total(channel.left_in(centred)) / divisor(channel, settings)
    return [d - off for d in centred]


def _grad_statistics(settings: Settings) -> str:
    """Return the rule; a layer that tracks no statistics has none that could be updated."""
    rule = settings.dialect.grad_statistics
    return rule if settings.tracked or rule != "updated" else "differentiated"


def _flows(settings: Settings) -> bool:
    """Return whether the gradient flows through the statistics."""
    rule, textbook = _grad_statistics(settings), settings.dialect.gradient != "derived"
    if rule == "batch":
        return True
    if rule in ("constant", "updated"):
        return False
    constant = settings.entering is None or settings.dialect.stored_variance != "variance"
    if settings.source == "updated" and constant and not textbook:
        return False
    return settings.training if textbook else settings.source != "running"


def _means(
    channel: Channel, settings: Settings, grad_bias: Fraction, products: Fraction
) -> tuple[Fraction, Fraction] | None:
    """Return the averages of g and of g * d that are taken away."""
    count, rule = divisor(channel, settings), settings.dialect.gradient
    if rule == "derived":
        estimator = settings.dialect.normalizing_variance
        if settings.source == "updated":
            estimator = settings.dialect.running_variance
        through = over_degrees(products, channel, settings, estimator)
        return None if through is None else (grad_bias / count, through)
    less = Fraction(sum(channel.places) - 1)
    counts = (
        less if rule in ("bessel", "bessel_mean") else count,
        less if rule in ("bessel", "bessel_projection") else count,
    )
    if 0 in counts:
        return None
    mean = Fraction(0) if rule == "without_mean" else grad_bias / counts[0]
    return mean, Fraction(0) if rule == "without_projection" else products / counts[1]


def _by_weight(
    channel: Channel, settings: Settings, grad_xh: Fraction, grad_bias: Fraction
) -> Fraction:
    dialect = settings.dialect
    if dialect.eps_placement == "after_division":
        after = Fraction(0) if dialect.gradient == "without_eps" else settings.eps
        grad_xh = grad_xh + grad_bias * after
    if dialect.weight == "absolute":
        return grad_xh * ((channel.weight > 0) - (channel.weight < 0))
    return grad_xh
