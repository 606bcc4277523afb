"""The arrays of a case, derived from its recipe, and the ways they can lie in memory."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from bnparity.case import Case, Layout, Recipe
from bnparity.formats import Format, format_of

Array = NDArray[Any]

#: No recipe makes a larger value: only narrower formats need their data clipped.
_REACHED = 1e20


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The array arguments of one call, None where the case has none.

    ``x`` and ``grad_output`` have the shape and layout of the case, the others ``(C,)``.
    """

    x: Array
    weight: Array | None
    bias: Array | None
    running_mean: Array | None
    running_var: Array | None
    grad_output: Array | None


def make_inputs(case: Case) -> Inputs:
    """Return the arrays of `case`: the same ones every time."""
    data, params = format_of(case.dtype), format_of(case.param_dtype)
    channels, size = case.shape[1], int(np.prod(case.shape))
    rng = np.random.Generator(np.random.PCG64(case.recipe.seed))
    noise = rng.standard_normal(4 * channels + size * (2 if case.gradient else 1))
    scale = _channel_scales(case.recipe, channels, narrower(data, params))
    location = _channel_locations(case.recipe, scale, data)
    weight, bias, mean, var = noise[: 4 * channels].reshape(4, channels)
    noise = noise[4 * channels :]
    x = _standard_values(case, noise[:size].reshape(case.shape))
    x = x * _along_channels(scale, x) + _along_channels(location, x)
    if data.largest < _REACHED:
        x = np.clip(x, -data.largest, data.largest)
    if case.fresh:
        weight, bias, mean, var = 0 * weight + 1, 0 * bias, 0 * mean, 0 * var + 1
    else:
        mean, var = location + scale * mean, scale * scale * np.exp2(np.clip(var, -2, 2))
    return Inputs(
        x=lay_out(x.astype(data.dtype), case.layout),
        weight=weight.astype(params.dtype) if case.affine in ("both", "weight") else None,
        bias=bias.astype(params.dtype) if case.affine in ("both", "bias") else None,
        running_mean=mean.astype(params.dtype) if case.tracked else None,
        running_var=var.astype(params.dtype) if case.tracked else None,
        grad_output=(
            lay_out(noise[size:].reshape(case.shape).astype(data.dtype), case.layout)
            if case.gradient
            else None
        ),
    )


def narrower(a: Format, b: Format) -> Format:
    """Return the format of the smaller range."""
    return min(a, b, key=lambda f: f.largest)


def _standard_values(case: Case, noise: Array) -> Array:
    values = case.recipe.values
    if values == "constant":
        return np.zeros(case.shape)
    if values == "integers":
        integers: Array = np.rint(2 * noise)
        return integers
    if values == "outlier" and noise.size:
        noise = noise.copy()
        noise[(0, slice(None)) + (0,) * (noise.ndim - 2)] *= 1000
    return noise


def _channel_scales(recipe: Recipe, channels: int, narrow: Format) -> Array:
    # The variance has to be a normal number of the narrowest format: half its decimal range.
    reach = min(6, int(-np.log10(narrow.tiny)) // 2)
    exponents = recipe.scale + recipe.spread * np.arange(channels) / max(channels - 1, 1)
    scales: Array = 10.0 ** np.minimum(np.maximum(exponents, -reach), reach)
    return scales


def _channel_locations(recipe: Recipe, scale: Array, data: Format) -> Array:
    if recipe.conditioning < 0:
        return np.zeros_like(scale)
    return np.minimum(scale * 10.0**recipe.conditioning, data.largest / 4)


def _along_channels(per_channel: Array, like: Array) -> Array:
    return per_channel.reshape((1, -1) + (1,) * (like.ndim - 2))


def lay_out(x: Array, layout: Layout) -> Array:
    """Return the values of the C-contiguous `x` in another layout, writable.

    ``"broadcast"`` repeats the first item of the batch with stride 0.
    """
    if layout == "contiguous":
        return x
    if layout == "channels_last":
        return np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 1, -1)), -1, 1)
    if layout == "transposed":
        return np.asfortranarray(x)
    if layout == "reversed":
        return np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    if layout == "broadcast":
        return as_strided(x, x.shape, (0, *x.strides[1:]))
    padded = np.zeros((*x.shape[:-1], 2 * x.shape[-1] + 1), x.dtype)
    padded[..., 1::2] = x
    return padded[..., 1::2]
