"""Sums over a channel in every order that implementations use, each in the data's own format.

A sum takes rows, ``(C, n)``, and returns ``(C, 1)`` of the same dtype; of no values it is 0.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

#: Values that a SIMD register or a warp adds side by side.
LANES = 32


def pairwise(rows: Array) -> Array:
    """Return NumPy's own sum: pairwise along contiguous rows."""
    total: Array = np.add.reduce(rows, axis=1, keepdims=True)
    return total


def serial(rows: Array) -> Array:
    """Return the sum of one value after the other, as a plain loop has it."""
    begun = np.concatenate([np.zeros_like(rows, shape=(len(rows), 1)), rows], axis=1)
    return np.add.accumulate(begun, axis=1)[:, -1:]


def in_random_order(rows: Array) -> Array:
    """Return the serial sum of the values in an order of their own, the same for every channel."""
    return serial(rows[:, np.random.default_rng(rows.shape[1]).permutation(rows.shape[1])])


def wide(rows: Array) -> Array:
    """Return the sum in float64, rounded once."""
    return pairwise(rows.astype(np.float64)).astype(rows.dtype)


def in_lanes(rows: Array) -> Array:
    """Return the sum as a warp takes it: serial in each lane, then the lanes in a tree."""
    lanes = np.add.accumulate(_laned(rows), axis=1)[:, -1]
    while lanes.shape[1] > 1:
        half = lanes.shape[1] // 2
        lanes = lanes[:, :half] + lanes[:, half:]
    return lanes


def compensated(rows: Array) -> Array:
    """Return Kahan's sum, in lanes that are added in the same way.

    Kahan, "Further remarks on reducing truncation errors" (1965).
    """
    sums, carries = _kahan(_laned(rows))
    return _kahan(np.concatenate([sums, -carries], axis=1)[:, :, np.newaxis])[0]


def _kahan(values: Array) -> tuple[Array, Array]:
    """Return the sums of ``(C, m, lanes)`` along axis 1, and what they are too large by."""
    total = np.zeros_like(values[:, 0])
    carry = np.zeros_like(total)
    for i in range(values.shape[1]):
        term = values[:, i] - carry
        new = total + term
        carry = (new - total) - term
        total = new
    return total, carry


def _laned(rows: Array) -> Array:
    """Return rows as ``(C, m, LANES)``, zeros at the end; m is at least 1."""
    channels, n = rows.shape
    depth = max(1, -(-n // LANES))
    padded = np.zeros_like(rows, shape=(channels, depth * LANES))
    padded[:, :n] = rows
    return padded.reshape(channels, depth, LANES)
