"""Data of which every sum is exact, in whatever order it is taken, at any size.

Values are one above and one below an integer, as many of each in random order: their mean, their
squares and the root of their variance and eps are numbers of few bits, and so are weights, biases
and gradients. No order of summation excuses an error there. oneDNN's benchdnn tests in this way.
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
        case, recipe=recipe, eps=_spacing(case) ** 2 * (_SQUARED_SCALE - _variance(case))
    )


def exact_data(case: Case) -> tuple[Array, Array]:
    """Return data and gradient of a case whose recipe asks for exact ones, in float64."""
    channels, n = case.shape[1], case.values_per_channel
    rng = np.random.Generator(np.random.PCG64(case.recipe.seed))
    signs = rng.permuted(np.tile(_signs(n), (channels, 1)), axis=1)
    # The projection's share of the gradient, which is none in every third channel.
    along = np.array([0.0, 2.0, -2.0])[(np.arange(channels) + case.recipe.seed) % 3, np.newaxis]
    # There no gradient has the other sign: the sum is as large as its terms.
    level = np.where(along == 0.0, _LEVEL, 0.0)
    grad = level + along * signs + rng.integers(-1, 2, (channels, n))
    return _as_data(_spacing(case) * (_location(case) + signs), case), _as_data(grad, case)


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


def _signs(n: int) -> Array:
    """Return as many 1 as -1, and a 0 if `n` is odd."""
    half = n // 2
    return np.repeat([1.0, -1.0, 0.0], [half, half, n % 2])


def _variance(case: Case) -> float:
    n = case.values_per_channel
    return (n - n % 2) / max(n, 1)


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
