"""Data of which every sum is exact, in whatever order it is taken, at any size.

Values are a few integers beside an integer, as many above as below in random order: their mean,
their squares and the root of their variance and eps are numbers of few bits, and so are weights,
biases, gradients and what is left of these without their projection. No order of summation excuses
an error there. oneDNN's benchdnn tests in this way.
"""

from dataclasses import replace
from math import log2

import numpy as np

from bnparity.backends import Array, format_of
from bnparity.cases.case import Case

#: What the variance and eps add up to, in units of the data's spacing squared.
_SQUARED_SCALE = 4.0
#: What the gradient of such a channel is about; the largest deviation from it is as much.
_LEVEL = 1.0
#: What values are above their mean, in units of the data's spacing.
_DEVIATIONS = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
#: From so many values a channel, data that are nothing special are exact in half of all cases.
_MANY = 512


def with_exact_data(case: Case) -> Case:
    """Return `case` with the eps that exact data take, if it has such data or should have."""
    recipe = case.recipe
    if recipe.values == "normal" and recipe.seed % 2 and case.values_per_channel >= _MANY:
        recipe = replace(recipe, values="exact")
    if recipe.values != "exact":
        return case
    return replace(
        case,
        recipe=recipe,
        eps=_spacing(case) ** 2 * (_SQUARED_SCALE - _variance(case.values_per_channel)),
    )


def exact_data(case: Case) -> tuple[Array, Array]:
    """Return data and gradient of a case whose recipe asks for exact ones, in float64."""
    channels, n = case.shape[1], case.values_per_channel
    rng = np.random.Generator(np.random.PCG64(case.recipe.seed))
    order = rng.permuted(np.tile(np.arange(n), (channels, 1)), axis=1)
    deviations, noise = _deviations(n)[order], _noise(n)[order]
    # The projection's share of the gradient, which is none in every third channel.
    along = np.array([0.0, 2.0, -2.0])[(np.arange(channels) + case.recipe.seed) % 3, np.newaxis]
    # There no gradient has the other sign: the sum is as large as its terms.
    level = np.where(along == 0.0, _LEVEL, 0.0)
    data = _spacing(case) * (_location(case) + deviations)
    return _as_data(data, case), _as_data(level + along * deviations + noise, case)


def exact_parameters(case: Case) -> tuple[Array, Array, Array, Array]:
    """Return weight, bias, running mean and variance that leave sums exact, ``(C,)`` in float64."""
    channels, spacing = case.shape[1], _spacing(case)
    rng = np.random.Generator(np.random.PCG64([case.recipe.seed, channels]))
    weight = rng.choice([-1.0, 1.0], channels) * np.exp2(rng.integers(-1, 2, channels))
    bias = rng.integers(-8, 9, channels) / 4.0
    mean = spacing * (_location(case) + rng.choice([-1.0, 1.0], channels))
    var = 4.0 ** rng.integers(-1, 2, channels)
    if not case.training:  # there it is normalised by
        var = _SQUARED_SCALE * 16.0 * var - case.eps / spacing**2
    return weight, bias, mean, var * spacing**2


def _counts(n: int) -> tuple[int, ...]:
    """Return how often each of `_DEVIATIONS` is among `n`, so that their variance is 1 or 2.

    Integers that add up to 0 have an even sum of squares: an odd count's is twice the count, if
    there are enough to choose from.
    """
    twos = -(-n // 6)
    if n % 2 == 0 or twos > n // 4:
        return 0, n // 2, n % 2, n // 2, 0
    ones = n - 4 * twos
    return twos, ones, n - 2 * (twos + ones), ones, twos


def _deviations(n: int) -> Array:
    """Return the `n` deviations from the mean, in units of the spacing."""
    return np.repeat(_DEVIATIONS, _counts(n))


def _noise(n: int) -> Array:
    """Return what a gradient has besides: it adds up to 0 over values alike, projected or not."""
    counts = ((count, max(count // 3, min(count // 2, 1))) for count in _counts(n))
    return np.concatenate(
        [np.repeat([1.0, -1.0, 0.0], [some, some, all_ - 2 * some]) for all_, some in counts]
    )


def _variance(n: int) -> float:
    return float(np.square(_deviations(n)).sum() / max(n, 1))


def _spacing(case: Case) -> float:
    """Return a power of two, as far from 1 as the recipe's scale is; so that eps is at most 1.

    MindSpore refuses a larger one.
    """
    return 2.0 ** -max(1, abs(case.recipe.scale))


def _location(case: Case) -> float:
    """Return the integer mean, about as large as the recipe asks; all values fit the formats."""
    if case.recipe.conditioning < 0:
        return 0.0
    coarsest = max(format_of(name).unit for name in case.formats)
    most = -log2(coarsest) - 2.0
    return float(2.0 ** min(round(case.recipe.conditioning * log2(10.0)), most))


def _as_data(rows: Array, case: Case) -> Array:
    """Return rows (C, n) in the shape of the data."""
    batch, channels, *spatial = case.shape
    return np.ascontiguousarray(rows.reshape(channels, batch, *spatial).swapaxes(0, 1))
