"""A batch split over replicas in this process, of unequal shards and one without any.

What they return is put together again, and has to be what the whole batch gives.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any

import numpy as np

from bnparity.backends import OUTPUT_LIKE, Array, Call, Outputs
from bnparity.layers import ranks

_PARAMETERS = ("weight", "bias", "running_mean", "running_var")


def shares(n: int) -> list[int]:
    """Return how many of `n` samples each rank gets: unequal numbers, and none for one of them.

    Examples
    --------
    >>> shares(6), shares(1)
    ([3, 0, 2, 1], [0, 0, 0, 1])
    """
    return [n // 2, 0, n // 3, n - n // 2 - n // 3]


def passed(replicas: Sequence[Any], x: Array, grad_output: Array | None) -> Outputs:
    """Return the output of `replicas` for the whole ``x`` (N, C, *spatial), and the gradients."""
    results: Outputs = {"output": np.concatenate(ranks.forward(replicas, _split(x)))}
    if grad_output is not None:
        gradients = ranks.backward(replicas, _split(grad_output))
        results["grad_input"] = np.concatenate([found.grad_input for found in gradients])
        results["grad_weight"] = _added([found.grad_weight for found in gradients])
        results["grad_bias"] = _added([found.grad_bias for found in gradients])
    return results


def common(statistics: Sequence[Array | None]) -> Array | None:
    """Return what all ranks have, ``(C,)``, or raise RuntimeError if it is not the same."""
    contents = [None if array is None else array.tobytes() for array in statistics]
    for rank, content in enumerate(contents):
        if content != contents[0]:
            raise RuntimeError(f"rank {rank} has other running statistics than rank 0")
    return statistics[0]


def widened(call: Call) -> Call:
    """Return `call` with halves in float32: what is to be added up is not rounded to halves first.

    One verdict is on the sum, so only that may be as coarse as its format.
    """
    arrays = {name: a for name in _PARAMETERS if (a := getattr(call, name)) is not None}
    wide = {name: a.astype(np.result_type(a.dtype, np.float32)) for name, a in arrays.items()}
    return replace(call, **wide)


def narrowed(results: Outputs, call: Call) -> Outputs:
    """Return `results` in the formats of the parameters and the statistics of `call`."""
    likes = {name: getattr(call, like) for name, like in OUTPUT_LIKE.items() if like in _PARAMETERS}
    for name, like in likes.items():
        found = results.get(name)
        if found is not None and like is not None:
            results[name] = found.astype(like.dtype)
    return results


def _split(x: Array) -> list[Array]:
    ends = accumulate(shares(len(x)), initial=0)
    return [x[start:end] for start, end in pairwise(ends)]


def _added(parts: Sequence[Array | None]) -> Array | None:
    present = [part for part in parts if part is not None]
    return sum(present[1:], start=present[0]) if present else None
