"""The loops of the Numba kernel, one channel at a time, over data of shape ``(N, C, S)``.

Compiled on first use and kept in Numba's cache. Sums are float64 and compensated (Neumaier 1974),
so that neither n nor the order of the data shows in them. No fast-math: it would break NaN.
"""

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[Any]


@njit(cache=True, inline="always")
def _add(total: float, lost: float, term: float) -> tuple[float, float]:
    """Return the sum of `total` and `term`, and what rounding has lost of all terms so far."""
    new = total + term
    if abs(total) >= abs(term):
        return new, lost + ((total - new) + term)
    return new, lost + ((term - new) + total)


@njit(cache=True, inline="always")
def _whole(total: float, lost: float) -> float:
    """Return a sum with what it lost; of an infinite one nothing is lost but NaN."""
    return total if np.isnan(lost) else total + lost


@njit(cache=True, error_model="numpy")
def moments(x: Array, mean: Array, var: Array) -> None:
    """Fill `mean` and the biased `var` (C, float64) with those of each channel."""
    batch, channels, size = x.shape
    for c in range(channels):
        total = lost = 0.0
        for i in range(batch):
            for j in range(size):
                total, lost = _add(total, lost, np.float64(x[i, c, j]))
        mean[c] = _whole(total, lost) / (batch * size)
        squares = lost = shift = 0.0
        for i in range(batch):
            for j in range(size):
                d = x[i, c, j] - mean[c]
                shift += d
                squares, lost = _add(squares, lost, d * d)
        # What the rounding of the mean left over: Chan, Golub and LeVeque's corrected two-pass.
        shift /= batch * size
        var[c] = _whole(squares, lost) / (batch * size) - shift * shift
        if np.isfinite(mean[c]):
            mean[c] += shift


@njit(cache=True, error_model="numpy")
def normalize(
    x: Array, mean: Array, inverse: Array, weight: Array, bias: Array, output: Array
) -> None:
    """Fill `output` with ``(x - mean) * inverse * weight + bias``; the others are (C, float64)."""
    batch, channels, size = x.shape
    for i in range(batch):
        for c in range(channels):
            gain = inverse[c] * weight[c]
            for j in range(size):
                output[i, c, j] = (x[i, c, j] - mean[c]) * gain + bias[c]


@njit(cache=True, error_model="numpy")
def project(
    grad: Array, x: Array, mean: Array, inverse: Array, totals: Array, projections: Array
) -> None:
    """Fill the sums over each channel of `grad`, and of `grad` times the normalised data."""
    batch, channels, size = x.shape
    for c in range(channels):
        total = lost = projection = gone = 0.0
        for i in range(batch):
            for j in range(size):
                g = np.float64(grad[i, c, j])
                total, lost = _add(total, lost, g)
                term = g * ((x[i, c, j] - mean[c]) * inverse[c])
                projection, gone = _add(projection, gone, term)
        totals[c] = _whole(total, lost)
        projections[c] = _whole(projection, gone)


@njit(cache=True, error_model="numpy")
def propagate(
    grad: Array,
    x: Array,
    mean: Array,
    inverse: Array,
    weight: Array,
    shares: Array,
    slopes: Array,
    grad_input: Array,
) -> None:
    """Fill ``inverse * weight * (grad - share - normalised * slope)``."""
    batch, channels, size = x.shape
    for i in range(batch):
        for c in range(channels):
            gain = inverse[c] * weight[c]
            for j in range(size):
                normalized = (x[i, c, j] - mean[c]) * inverse[c]
                g = grad[i, c, j] - shares[c] - normalized * slopes[c]
                grad_input[i, c, j] = gain * g
