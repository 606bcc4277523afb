"""One channel in exact fractions: the formulas that `bnparity_reference.exact` states, in scalars.

Every convention of `Dialect` is one branch here, written as its definition reads.
"""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TypeAlias

from bnparity_reference.dialect import Dialect
from bnparity_reference.rational import root, total

#: A number, or None where its definition divides by zero or takes the root of less.
Value: TypeAlias = Fraction | None
Values: TypeAlias = list[Value]


@dataclass(frozen=True, kw_only=True)
class Channel:
    """One channel's arguments: n values in `x` and `grad`, numbers in the others."""

    x: list[Fraction]
    grad: list[Fraction]
    weight: Fraction
    bias: Fraction
    running_mean: Fraction
    running_var: Fraction


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What holds for all channels.

    ``weights`` are those of the old running statistics and of the batch, None where these stay;
    ``source`` says what normalises; ``bessel`` is what an unbiased estimator counts.
    """

    dialect: Dialect
    eps: Fraction
    weights: tuple[Fraction, Fraction] | None
    source: str
    tracked: bool
    training: bool
    bessel: int


@dataclass(frozen=True, kw_only=True)
class _Moments:
    """A mean, a variance, and the data less that mean; ``stored``, it is 1 / s instead."""

    mean: Value
    var: Value
    centred: list[Fraction]
    stored: bool = False


@dataclass(frozen=True, kw_only=True)
class _Scale:
    """1 / s, and L, which is 2 / s * ds/dvar."""

    inverse: Value
    log_slope: Fraction


def answer(channel: Channel, settings: Settings) -> dict[str, Values]:
    """Return all outputs of one channel."""
    batch = _of_batch(channel, settings)
    update = _update(channel, settings, batch)
    used = _used(channel, settings, batch, update, settings.source)
    scale = scale_of(used, settings.eps, settings.dialect)
    found = {
        "output": _output(channel, settings, used, scale),
        "running_mean": [update[0]],
        "running_var": [update[1]],
        **_backward(channel, settings, batch, update),
    }
    return found | _of_single_value(channel, settings)


def _of_batch(channel: Channel, settings: Settings) -> _Moments:
    if not channel.x:
        return _Moments(mean=None, var=None, centred=[])
    mean = total(channel.x) / len(channel.x)
    centred = [value - mean for value in channel.x]
    squares = total(d**2 for d in centred)
    var = _over_degrees(squares, channel, settings, settings.dialect.normalizing_variance)
    return _Moments(mean=mean, var=var, centred=centred)


def _over_degrees(squares: Fraction, channel: Channel, settings: Settings, estimator: str) -> Value:
    """Return the sum of squares over n, times m / (m - 1) if the estimator is unbiased."""
    mean_square = squares / len(channel.x)
    factor = Fraction(1) if estimator == "biased" else bessel_factor(settings)
    return None if factor is None else mean_square * factor


def bessel_factor(settings: Settings) -> Value:
    """Return m / (m - 1)."""
    dialect, m = settings.dialect, settings.bessel
    clamped = dialect.bessel_count != "values" or dialect.single_value == "clamped"
    degrees = max(m - 1, 1) if clamped else m - 1
    return Fraction(m, degrees) if degrees > 0 else None


def _update(channel: Channel, settings: Settings, batch: _Moments) -> tuple[Value, Value]:
    """Return the running mean and variance after the call."""
    old_mean, old_var = channel.running_mean, channel.running_var
    passed = settings.dialect.single_value == "passed_through" and settings.source == "batch"
    if settings.weights is None or (passed and len(channel.x) == 1):
        return old_mean, old_var
    if batch.mean is None:
        return (old_mean, old_var) if settings.dialect.empty_batch == "unchanged" else (None, None)
    about = batch.mean
    if settings.dialect.running_variance_about == "old_mean":
        about = old_mean
    squares = total((value - about) ** 2 for value in channel.x)
    var = _over_degrees(squares, channel, settings, settings.dialect.running_variance)
    entering = stored_of(var, settings)
    kept, added = settings.weights
    return (
        kept * old_mean + added * batch.mean,
        None if entering is None else kept * old_var + added * entering,
    )


def stored_of(var: Value, settings: Settings) -> Value:
    """Return what a running variance is stored as."""
    if settings.dialect.stored_variance == "variance":
        return var
    return scale_of(
        _Moments(mean=None, var=var, centred=[]), settings.eps, settings.dialect
    ).inverse


def _used(
    channel: Channel,
    settings: Settings,
    batch: _Moments,
    update: tuple[Value, Value],
    source: str,
) -> _Moments:
    """Return the statistics that normalise."""
    if source == "batch":
        return batch
    mean, var = update if source == "updated" else (channel.running_mean, channel.running_var)
    stored = settings.dialect.stored_variance != "variance"
    if var is not None and var < 0 and not stored:
        rule = settings.dialect.negative_variance
        var = {"nan": var, "clamped": Fraction(0), "absolute": -var}[rule]
    centred = [] if mean is None else [value - mean for value in channel.x]
    return _Moments(mean=mean, var=var, centred=centred, stored=stored)


def scale_of(used: _Moments, eps: Fraction, dialect: Dialect) -> _Scale:
    """Return 1 / s and L; there is no s where a root is of less than 0, no 1 / s where it is 0."""
    nothing, var = _Scale(inverse=None, log_slope=Fraction(0)), used.var
    if var is None:
        return nothing
    if used.stored:
        return replace(nothing, inverse=var)
    if dialect.denominator == "variance":
        s = var + eps
        return _Scale(inverse=1 / s, log_slope=2 / s) if s else nothing
    if dialect.eps_placement == "outside":
        if var < 0:
            return nothing
        deviation = root(var)
        s, product = deviation + eps, var + eps * deviation
    else:
        inside = var + (eps if dialect.eps_placement == "inside" else 0)
        if inside < 0:
            return nothing
        s, product = root(inside), inside
    log_slope = 1 / product if product else Fraction(0)
    return _Scale(inverse=1 / s, log_slope=log_slope) if s else nothing


def _output(channel: Channel, settings: Settings, used: _Moments, scale: _Scale) -> Values:
    if scale.inverse is None or used.mean is None:
        return [None] * len(channel.x)
    weight = abs(channel.weight) if settings.dialect.weight == "absolute" else channel.weight
    factor = weight * scale.inverse
    after = settings.eps if settings.dialect.eps_placement == "after_division" else 0
    return [factor * d + weight * after + channel.bias for d in used.centred]


def _backward(
    channel: Channel, settings: Settings, batch: _Moments, update: tuple[Value, Value]
) -> dict[str, Values]:
    grad, n, dialect = channel.grad, len(channel.x), settings.dialect
    if n == 0:  # sums of no terms, whatever they would be divided by
        return {"grad_input": [], "grad_weight": [Fraction(0)], "grad_bias": [Fraction(0)]}
    grad_bias = total(grad)
    rule = _grad_statistics(settings)
    source = rule if rule in ("batch", "updated") else settings.source
    used = _used(channel, settings, batch, update, source)
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
    return {
        "grad_input": _by_data(channel, settings, (batch, used), scale, products),
        "grad_weight": [_by_weight(channel, settings, grad_xh, grad_bias)],
        "grad_bias": [grad_bias],
    }


def _by_data(
    channel: Channel,
    settings: Settings,
    moments: tuple[_Moments, _Moments],
    scale: _Scale,
    products: Fraction,
) -> Values:
    """Return the gradient by the data: straight, less what goes through mean and variance."""
    batch, used = moments
    inverse = scale.inverse or Fraction(0)
    weight = abs(channel.weight) if settings.dialect.weight == "absolute" else channel.weight
    factor, centred = weight * inverse, used.centred
    mean = projection = Fraction(0)
    if _flows(settings):
        means = _means(channel, settings, total(channel.grad), products)
        if means is None:
            return [None] * len(channel.x)
        mean, projection = means[0], means[1] * scale.log_slope
        if settings.source == "updated" and settings.dialect.gradient == "derived":
            assert settings.weights is not None
            share, centred = settings.weights[1], batch.centred
            if settings.dialect.running_variance_about == "old_mean":
                centred = [value - channel.running_mean for value in channel.x]
            mean, projection = share * mean, share * projection
    return [
        factor * (g - mean - d * projection) for g, d in zip(channel.grad, centred, strict=True)
    ]


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
    constant = settings.weights is None or settings.dialect.stored_variance != "variance"
    if settings.source == "updated" and constant and not textbook:
        return False
    return settings.training if textbook else settings.source != "running"


def _means(
    channel: Channel, settings: Settings, grad_bias: Fraction, products: Fraction
) -> tuple[Fraction, Fraction] | None:
    """Return the averages of g and of g * d that are taken away."""
    n, rule = len(channel.x), settings.dialect.gradient
    if rule == "derived":
        estimator = settings.dialect.normalizing_variance
        if settings.source == "updated":
            estimator = settings.dialect.running_variance
        through = _over_degrees(products, channel, settings, estimator)
        return None if through is None else (grad_bias / n, through)
    count = n - 1 if rule == "bessel" else n
    if count == 0:
        return None
    mean = Fraction(0) if rule == "without_mean" else grad_bias / count
    return mean, Fraction(0) if rule == "without_projection" else products / count


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


def _of_single_value(channel: Channel, settings: Settings) -> dict[str, Values]:
    """Return what takes the place of outputs where the statistics are of one value."""
    rule = settings.dialect.single_value
    if len(channel.x) != 1 or settings.source != "batch":
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
    if rule in ("zero", "nan"):
        value = Fraction(0) if rule == "zero" else None
        return {"output": [value], "grad_input": [value]}
    return {}
