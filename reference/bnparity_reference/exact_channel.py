"""One channel in exact fractions, as `bnparity_reference.exact` states it, in scalars."""

from dataclasses import replace
from fractions import Fraction

from bnparity_reference.exact_gradient import backward, through_running
from bnparity_reference.exact_statistics import (
    Channel,
    Moments,
    Scale,
    Settings,
    Values,
    of_batch,
    scale_of,
    update_of,
    used_of,
)


def answer(channel: Channel, settings: Settings) -> dict[str, Values]:
    """Return all outputs of one channel."""
    dialect = settings.dialect
    counts = dialect.bessel_count == "values" and dialect.masked_count != "all"
    if channel.mask is not None and counts:
        settings = replace(settings, bessel=sum(channel.mask))
    batch = of_batch(channel, settings)
    update = update_of(channel, settings, batch, settings.weights)
    entered = update_of(channel, settings, batch, settings.entering)
    used = used_of(channel, settings, batch, entered, settings.source)
    scale = scale_of(used, settings.eps, settings.dialect)
    found = {
        "output": _output(channel, settings, used, scale),
        "running_mean": [update[0]],
        "running_var": [update[1]],
        **backward(channel, settings, batch, (update, entered)),
    }
    return found | _of_single_value(channel, settings, batch)


def _output(channel: Channel, settings: Settings, used: Moments, scale: Scale) -> Values:
    if scale.inverse is None or used.mean is None:
        return [None] * len(channel.x)
    weight = abs(channel.weight) if settings.dialect.weight == "absolute" else channel.weight
    factor = weight * scale.inverse
    after = settings.eps if settings.dialect.eps_placement == "after_division" else 0
    shown: Values = [factor * d + weight * after + channel.bias for d in used.centred]
    if channel.missing is None:
        return shown
    return [None if nan else y for y, nan in zip(shown, channel.missing, strict=True)]


def _of_single_value(channel: Channel, settings: Settings, batch: Moments) -> dict[str, Values]:
    """Return what takes the place of outputs where the statistics are of one value."""
    rule = settings.dialect.single_value
    if channel.mask is not None or len(channel.x) != 1 or settings.source != "batch":
        return {}
    if rule == "passed_through":
        return {
            "output": [*channel.x],
            "running_mean": [channel.running_mean],
            "running_var": [channel.running_var],
            "grad_input": [*channel.grad],
            "grad_weight": [Fraction(0)],
            "grad_bias": [Fraction(0)],
        }
    if rule == "nan":
        return {"output": [None], "grad_input": [None]}
    if rule == "zero":
        added = through_running(channel, settings, batch)
        return {"output": [Fraction(0)], "grad_input": added}
    return {}
