"""The mean and the variance of one channel in exact fractions, and what normalises by them.

Every convention of `Dialect` is one branch here, written as its definition reads.
"""

from collections.abc import Sequence
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
    """One channel's arguments: n values in `x` and `grad`, numbers in the others.

    ``mask`` says which values are in the batch's statistics, None where there is no mask;
    ``missing`` which are NaN, and 0 in `x`, None where none is.
    ``grad_mean`` and ``grad_var`` are what the loss has by the new running statistics,
    None where that divides by zero.
    """

    x: list[Fraction]
    grad: list[Fraction]
    weight: Fraction
    bias: Fraction
    running_mean: Fraction
    running_var: Fraction
    mask: list[bool] | None = None
    missing: list[bool] | None = None
    grad_mean: Fraction = Fraction(0)
    grad_var: Value = Fraction(0)

    @property
    def places(self) -> list[bool]:
        """Whether each value is in the batch's statistics."""
        return [True] * len(self.x) if self.mask is None else self.mask

    def left_in(self, values: Sequence[Fraction]) -> list[Fraction]:
        """Return those of the channel's values that are in the batch's statistics."""
        return [value for value, there in zip(values, self.places, strict=True) if there]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What holds for all channels.

    ``weights`` are those of the old running statistics and of the batch, None where these stay, and
    ``entering`` those in what normalises, where that is updated;
    ``source`` says what normalises; ``bessel`` is what an unbiased estimator counts.
    """

    dialect: Dialect
    eps: Fraction
    weights: tuple[Fraction, Fraction] | None
    entering: tuple[Fraction, Fraction] | None
    source: str
    tracked: bool
    training: bool
    bessel: int


@dataclass(frozen=True, kw_only=True)
class Moments:
    """A mean, a variance, and the data less that mean; ``stored``, it is 1 / s instead."""

    mean: Value
    var: Value
    centred: list[Fraction]
    stored: bool = False


@dataclass(frozen=True, kw_only=True)
class Scale:
    """1 / s, and L, which is 2 / s * ds/dvar."""

    inverse: Value
    log_slope: Fraction


def of_batch(channel: Channel, settings: Settings) -> Moments:
    """Return the moments of the values that count; none where there are none."""
    count = divisor(channel, settings)
    if not count:
        return Moments(mean=None, var=None, centred=[])
    mean = total(channel.left_in(channel.x)) / count
    centred = [value - mean for value in channel.x]
    squares = total(d**2 for d in channel.left_in(centred))
    var = over_degrees(squares, channel, settings, settings.dialect.normalizing_variance)
    return Moments(mean=mean, var=var, centred=centred)


def divisor(channel: Channel, settings: Settings) -> Fraction:
    """Return what the sums of the batch's statistics are divided by."""
    count = settings.dialect.masked_count
    if channel.mask is None or count == "all":
        return Fraction(len(channel.x))
    return sum(channel.mask) + Fraction(1e-7 if count == "epsilon" else 0)


def over_degrees(squares: Fraction, channel: Channel, settings: Settings, estimator: str) -> Value:
    """Return the sum of squares over n, times m / (m - 1) if the estimator is unbiased."""
    mean_square = squares / divisor(channel, settings)
    factor = Fraction(1) if estimator == "biased" else bessel_factor(settings)
    return None if factor is None else mean_square * factor


def bessel_factor(settings: Settings) -> Value:
    """Return m / (m - 1)."""
    dialect, m = settings.dialect, settings.bessel
    clamped = dialect.bessel_count != "values" or dialect.single_value == "clamped"
    degrees = max(m - 1, 1) if clamped else m - 1
    return Fraction(m, degrees) if degrees > 0 else None


def update_of(
    channel: Channel,
    settings: Settings,
    batch: Moments,
    weights: tuple[Fraction, Fraction] | None,
) -> tuple[Value, Value]:
    """Return the running mean and variance after the batch entered them with `weights`."""
    old_mean, old_var = channel.running_mean, channel.running_var
    if weights is None or is_passed_through(channel, settings):
        return old_mean, old_var
    if batch.mean is None:
        return (old_mean, old_var) if settings.dialect.empty_batch == "unchanged" else (None, None)
    about = batch.mean
    if settings.dialect.running_variance_about == "old_mean":
        about = old_mean
    squares = total((value - about) ** 2 for value in channel.left_in(channel.x))
    var = over_degrees(squares, channel, settings, settings.dialect.running_variance)
    entering = stored_of(var, settings)
    kept, added = weights
    return (
        kept * old_mean + added * batch.mean,
        None if entering is None else kept * old_var + added * entering,
    )


def is_passed_through(channel: Channel, settings: Settings) -> bool:
    """Return whether a single value is left as it is, and so are running statistics."""
    passed = settings.dialect.single_value == "passed_through" and settings.source == "batch"
    return passed and channel.mask is None and len(channel.x) == 1


def stored_of(var: Value, settings: Settings) -> Value:
    """Return what a running variance is stored as."""
    if settings.dialect.stored_variance == "variance":
        return var
    return scale_of(Moments(mean=None, var=var, centred=[]), settings.eps, settings.dialect).inverse


def used_of(
    channel: Channel,
    settings: Settings,
    batch: Moments,
    update: tuple[Value, Value],
    source: str,
) -> Moments:
    """Return the statistics that normalise."""
    if source == "batch":
        return batch
    mean, var = update if source == "updated" else (channel.running_mean, channel.running_var)
    stored = settings.dialect.stored_variance != "variance"
    if var is not None and var < 0 and not stored:
        rule = settings.dialect.negative_variance
        var = {"nan": var, "clamped": Fraction(0), "absolute": -var}[rule]
    centred = [] if mean is None else [value - mean for value in channel.x]
    return Moments(mean=mean, var=var, centred=centred, stored=stored)


def scale_of(used: Moments, eps: Fraction, dialect: Dialect) -> Scale:
    """Return 1 / s and L; there is no s where a root is of less than 0, no 1 / s where it is 0."""
    nothing, var = Scale(inverse=None, log_slope=Fraction(0)), used.var
    if var is None:
        return nothing
    if used.stored:
        return replace(nothing, inverse=var)
    if dialect.denominator == "variance":
        s = var + eps
        return Scale(inverse=1 / s, log_slope=2 / s) if s else nothing
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
    return Scale(inverse=1 / s, log_slope=log_slope) if s else nothing
