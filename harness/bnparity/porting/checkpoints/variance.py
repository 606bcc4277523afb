"""Running variances of the other estimator, where it is known of how many values they are.

A framework averages the batches' biased variances or the unbiased ones, which are n / (n - 1)
times as large. A port that goes on in training may want the ones that the target would have.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from bnparity.backends import Array, UsageError, did_you_mean
from bnparity.cases import FRAMEWORKS
from bnparity.porting.checkpoints.checkpoint import Checkpoint
from bnparity.porting.checkpoints.tensors import Tensor


def factors_of(source: Checkpoint, to: str, values: Iterable[str]) -> Mapping[str, float]:
    """Return what the running variance of each layer is multiplied by, empty for all as they are.

    Parameters
    ----------
    values
        ``N``, the values a channel in a batch of training, or ``LAYER=N`` for one layer.

    Raises
    ------
    UsageError
        If there is no such layer or number, or nothing to change.
    """
    here, there = (FRAMEWORKS[name].dialect.running_variance for name in (source.framework, to))
    counts = dict[str, int]()
    for text in values:
        if here == there:
            raise UsageError(
                f"--values {text}: {source.framework} and {to} both average the {here} variance; "
                "leave it out"
            )
        layer, sign, number = text.rpartition("=")
        known = [norm.layer for norm in source.norms]
        if sign and layer not in known:
            hint = did_you_mean(layer, known)
            raise UsageError(f"--values {text}: there is no BatchNorm called {layer!r}{hint}")
        counts |= dict.fromkeys([layer] if sign else known, _count(text, number))
    return {
        layer: (n - 1) / n if here == "unbiased" else n / (n - 1) for layer, n in counts.items()
    }


def _count(text: str, number: str) -> int:
    if not number.isdecimal() or int(number) < 2:
        raise UsageError(f"--values {text}: give a whole number from 2 up, or LAYER=N")
    return int(number)


def rescaled(tensor: Tensor, factor: float) -> Tensor:
    """Return a tensor of which each element is multiplied when it is read."""
    return replace(tensor, read=lambda: multiplied(tensor.read(), factor))


def multiplied(array: Array, factor: float) -> Array:
    """Return an array times a number, rounded once to its format."""
    product: Array = (array.astype(np.float64) * factor).astype(array.dtype)
    return product
