"""Exact fractions where not a channel but other groups of values share a mean and a variance."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from bnparity_reference.exact_channel import answer
from bnparity_reference.exact_statistics import (
    Channel,
    Settings,
    Value,
    bessel_factor,
    stored_of,
)
from bnparity_reference.rational import total

#: Where a value is: its channel, and its place among the channel's values.
Place = tuple[int, int]


def over_groups(
    channels: Sequence[Channel], settings: Settings, images: int
) -> list[dict[str, list[Value]]]:
    """Return the outputs of every channel; the values of a channel are those of `images`."""
    dialect = settings.dialect
    weights = [abs(c.weight) if dialect.weight == "absolute" else c.weight for c in channels]
    normalized: dict[Place, Value] = {}
    by_data: dict[Place, Value] = {}
    moments: list[list[tuple[Value, Value]]] = [[] for _ in channels]
    for places in _groups(channels, dialect.statistics_over, images):
        group = _as_channel(channels, weights, places, settings)
        found = answer(group, _of_group(settings, len(places)))
        for place, y, dx in zip(places, found["output"], found["grad_input"], strict=True):
            normalized[place], by_data[place] = y, dx
        for owner in {channel for channel, _ in places}:
            moments[owner].append((found["running_mean"][0], found["running_var"][0]))
    return [
        _of_channel(
            channel,
            settings,
            weights[c],
            [normalized[c, i] for i in range(len(channel.x))],
            moments[c],
        )
        | {"grad_input": [by_data[c, i] for i in range(len(channel.x))]}
        for c, channel in enumerate(channels)
    ]


def _groups(channels: Sequence[Channel], extent: str, images: int) -> list[list[Place]]:
    """Return the places that share statistics, group by group."""
    n = len(channels[0].x)
    plane = n // images
    groups: dict[object, list[Place]] = {}
    for c in range(len(channels)):
        for i in range(n):
            keys = {"layer": (), "instance": (c, i // plane), "position": (c, i % plane)}
            groups.setdefault(keys[extent], []).append((c, i))
    return list(groups.values())


def _as_channel(
    channels: Sequence[Channel],
    weights: Sequence[Fraction],
    places: Sequence[Place],
    settings: Settings,
) -> Channel:
    """Return a group as a channel; the weight is in the gradient already."""
    by_mean, by_var = _by_statistics(channels, places, settings)
    return Channel(
        x=[channels[c].x[i] for c, i in places],
        grad=[channels[c].grad[i] * weights[c] for c, i in places],
        mask=_mask(channels, places),
        missing=_missing(channels, places),
        weight=Fraction(1),
        bias=Fraction(0),
        running_mean=Fraction(0),
        running_var=Fraction(0),
        grad_mean=by_mean,
        grad_var=by_var,
    )


def _by_statistics(
    channels: Sequence[Channel], places: Sequence[Place], settings: Settings
) -> tuple[Fraction, Value]:
    """Return the gradients of the loss by a group's own mean and biased variance.

    A channel's running statistics are means over its groups, one of all channels is everybody's.
    """
    if settings.weights is None or settings.dialect.stored_variance != "variance":
        return Fraction(0), Fraction(0)
    dialect, owners = settings.dialect, {channel for channel, _ in places}
    groups = 1 if dialect.statistics_over == "layer" else Fraction(len(channels[0].x), len(places))
    share = settings.weights[1] / groups
    factor = Fraction(1) if dialect.running_variance == "biased" else bessel_factor(settings)
    by_mean, by_var = (
        share * total(grad for grad in grads if grad is not None)
        for grads in zip(
            *((channels[c].grad_mean, channels[c].grad_var) for c in owners), strict=True
        )
    )
    return by_mean, None if factor is None else factor * by_var


def _mask(channels: Sequence[Channel], places: Sequence[Place]) -> list[bool] | None:
    """Return what a mask says of the places; None where there is none."""
    if channels[0].mask is None:
        return None
    return [channels[c].places[i] for c, i in places]


def _missing(channels: Sequence[Channel], places: Sequence[Place]) -> list[bool] | None:
    """Return which values of the places are NaN; None where none is."""
    found = [(channels[c].missing or [False] * (i + 1))[i] for c, i in places]
    return found if any(found) else None


def _of_group(settings: Settings, count: int) -> Settings:
    """Return settings under which running statistics become the group's own, biased."""
    dialect = replace(
        settings.dialect,
        running_variance="biased",
        running_variance_about="batch_mean",
        bessel_count="values",
        stored_variance="variance",
        weight="applied",
    )
    return replace(
        settings, dialect=dialect, weights=(Fraction(0), Fraction(1)), bessel=count, tracked=True
    )


def _of_channel(
    channel: Channel,
    settings: Settings,
    weight: Fraction,
    normalized: list[Value],
    moments: Sequence[tuple[Value, Value]],
) -> dict[str, list[Value]]:
    """Return a channel's outputs but the gradient by the data, from those of its groups."""
    sign = (channel.weight > 0) - (channel.weight < 0)
    products = [None if y is None else g * y for g, y in zip(channel.grad, normalized, strict=True)]
    by_weight = None if None in products else total(p for p in products if p is not None)
    if by_weight is not None and settings.dialect.weight == "absolute":
        by_weight = by_weight * sign
    return {
        "output": [None if y is None else weight * y + channel.bias for y in normalized],
        "grad_weight": [by_weight],
        "grad_bias": [total(channel.grad)],
        **_running(channel, settings, moments),
    }


def _running(
    channel: Channel, settings: Settings, moments: Sequence[tuple[Value, Value]]
) -> dict[str, list[Value]]:
    if settings.weights is None:
        return {"running_mean": [channel.running_mean], "running_var": [channel.running_var]}
    kept, added = settings.weights
    means, variances = zip(*moments, strict=True)
    biased = settings.dialect.running_variance == "biased"
    factor = Fraction(1) if biased else bessel_factor(settings)
    mean, var = _average(means), _average(variances)
    old_mean, old_var = channel.running_mean, channel.running_var
    entering = stored_of(None if var is None or factor is None else var * factor, settings)
    return {
        "running_mean": [None if mean is None else kept * old_mean + added * mean],
        "running_var": [None if entering is None else kept * old_var + added * entering],
    }


def _average(values: Sequence[Value]) -> Value:
    known = [value for value in values if value is not None]
    return total(known) / len(known) if len(known) == len(values) else None
