"""The arrays of a case, derived from its recipe."""

from dataclasses import dataclass
from math import sqrt

import numpy as np

from bnparity.backends import OPTIONAL, Array, Arrays, Format, format_of
from bnparity.cases.case import Argument, Case, ParamLayout, Recipe
from bnparity.cases.exact_data import exact_data, exact_parameters
from bnparity.cases.layouts import lay_out
from bnparity.cases.masks import mask_of
from bnparity.cases.specials import with_special
from bnparity.cases.statistics_gradients import gradients_by_statistics


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The array arguments of one call, None where the case has none.

    ``x`` and ``grad_output`` have the shape of the case, the others ``(C,)``; all have its layouts.
    The ``mask`` is one of bool that can be broadcast to ``x``. The gradients by the new running
    statistics are there if a loss depends on these.
    """

    x: Array
    weight: Array | None
    bias: Array | None
    running_mean: Array | None
    running_var: Array | None
    grad_output: Array | None
    mask: Array | None = None
    grad_running_mean: Array | None = None
    grad_running_var: Array | None = None

    def __post_init__(self) -> None:
        """Have no mask among the arguments of a call without one: the contract has none."""
        for name in OPTIONAL:
            if getattr(self, name) is None:
                del self.__dict__[name]  # the attribute is then the class's, None


def make_inputs(case: Case) -> Inputs:
    """Return the arrays of `case`: the same ones every time."""
    data, *others = map(format_of, case.formats)
    channels = case.shape[1]
    rng = np.random.Generator(np.random.PCG64(case.recipe.seed))
    per_channel = rng.standard_normal((4, channels))
    narrower = min(data, *others, key=lambda f: f.largest)
    scale = _channel_scales(case.recipe, channels, data, narrower)
    location = _channel_locations(case.recipe, scale, data)
    if case.recipe.values == "exact":
        x, grad = exact_data(case)
    else:
        x = _data(case, rng.standard_normal(case.shape), location, scale)
        grad = rng.standard_normal(case.shape if case.gradient else 0)
    arrays = _per_channel(case, per_channel, location, scale)
    grad_output = None
    if case.gradient:
        grad = with_special(grad, "grad_output", case, data)
        grad_output = lay_out(grad.astype(data.dtype), case.grad_layout)
    laid_out = lay_out(x.astype(data.dtype), case.layout)
    optional = {"mask": mask_of(case), **gradients_by_statistics(case, scale, others[1].dtype)}
    return Inputs(x=laid_out, **arrays, grad_output=grad_output, **optional)


def _data(case: Case, noise: Array, location: Array, scale: Array) -> Array:
    """Return the data in float64, finite in the format of the case but for what is asked for."""
    largest, values = format_of(case.dtype).largest, case.recipe.values
    along_channels = (-1,) + (1,) * (noise.ndim - 2)
    x = _standard_values(case, noise)
    x = x * scale.reshape(along_channels) + location.reshape(along_channels)
    x = np.minimum(np.maximum(x, -largest), largest)
    if values in ("nan", "infinite") and x.size:
        first = (0,) * x.ndim
        x[first] = np.nan if values == "nan" else np.copysign(np.inf, x[first])
    return x


def _per_channel(case: Case, noise: Array, location: Array, scale: Array) -> Arrays:
    """Return parameters and running statistics, made from four rows of standard normal values."""
    _, params, statistics = map(format_of, case.formats)
    weight, bias, mean, var = noise
    if case.fresh:
        weight, bias, mean, var = 0 * weight + 1, 0 * bias, 0 * mean, 0 * var + 1
    elif case.recipe.values == "exact":
        weight, bias, mean, var = exact_parameters(case)
    else:
        # A variance up to four times larger has to be a finite number too, and never zero.
        deviation = np.minimum(scale, sqrt(statistics.largest) / 4)
        var = np.maximum(deviation * deviation * np.exp2(np.clip(var, -2, 2)), statistics.tiny)
        mean = np.clip(location + scale * mean, -statistics.largest, statistics.largest)
    made: list[tuple[Argument, Format, ParamLayout, Array | None]] = [
        ("weight", params, case.weight_layout, weight if _has(case, "weight") else None),
        ("bias", params, case.bias_layout, bias if _has(case, "bias") else None),
        ("running_mean", statistics, case.running_mean_layout, mean if case.tracked else None),
        ("running_var", statistics, case.running_var_layout, var if case.tracked else None),
    ]
    return {
        name: None
        if a is None
        else lay_out(with_special(a, name, case, form).astype(form.dtype), layout)
        for name, form, layout, a in made
    }


def _has(case: Case, parameter: str) -> bool:
    return case.affine in ("both", parameter)


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


def _channel_scales(recipe: Recipe, channels: int, data: Format, narrow: Format) -> Array:
    # At either end of the format: eight deviations out, where no sample reaches, it ends.
    if recipe.values == "huge":
        return np.full(channels, data.largest / 8)
    if recipe.values == "subnormal":
        return np.full(channels, data.tiny / 8)
    # The variance has to be a normal number of the narrowest format: half its decimal range.
    reach = min(6, int(-np.log10(narrow.tiny)) // 2)
    exponents = recipe.scale + recipe.spread * np.arange(channels) / max(channels - 1, 1)
    scales: Array = 10.0 ** np.clip(exponents, -reach, reach)
    return scales


def _channel_locations(recipe: Recipe, scale: Array, data: Format) -> Array:
    if recipe.conditioning < 0 or recipe.values in ("subnormal", "huge"):
        return np.zeros_like(scale)
    return np.minimum(scale * 10.0**recipe.conditioning, data.largest / 4)
