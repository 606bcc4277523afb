"""A synchronised kernel made of the local one's phases, to go wrong wherever ranks agree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bnparity.judge import Check, judge
from bnparity.kernels import phases
from bnparity.kernels.phases import Moments, Sums
from bnparity_reference import Dialect, sync_batch_norm
from hypothesis import strategies as st
from numpy.typing import NDArray

Array = NDArray[Any]

EPS, MOMENTUM = 1e-3, 0.25


@dataclass(frozen=True, kw_only=True)
class Batch:
    """The arrays of one call: a shard and a gradient for each rank, what all have in common."""

    shards: tuple[Array, ...]
    grad_outputs: tuple[Array, ...]
    weight: Array
    bias: Array
    running_mean: Array
    running_var: Array


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Where ranks have to agree; the defaults are right.

    ``merge`` makes a rank's statistics of its own moments and of all; ``unbiased_count`` is the n
    of n / (n - 1) given its own count and that of all; ``add`` makes the sums of its own and of
    all; ``divisor`` what they are divided by, given the two counts.
    """

    merge: Callable[[Moments, Sequence[Moments]], Moments] = lambda _, parts: phases.merged(parts)
    unbiased_count: Callable[[int, int], int] = lambda _, total: total
    add: Callable[[Sums, Sequence[Sums]], Sums] = lambda _, parts: phases.added(parts)
    divisor: Callable[[int, int], int] = lambda _, total: total


def batch_of(
    sizes: Sequence[tuple[int, ...]],
    *,
    channels: int = 2,
    dtype: str = "float32",
    seed: int = 0,
    location: float = 1.0,
) -> Batch:
    """Return a batch whose ranks differ in location too; `sizes` are (N, *spatial) of each."""
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> NDArray[np.float64]:
        return rng.standard_normal(shape)

    shapes = [(n, channels, *spatial) for n, *spatial in sizes]
    shards = [(drawn(*s) + location * (1 + rank)).astype(dtype) for rank, s in enumerate(shapes)]
    return Batch(
        shards=tuple(shards),
        grad_outputs=tuple((drawn(*s) + 0.5).astype(dtype) for s in shapes),
        weight=drawn(channels).astype("float32"),
        bias=drawn(channels).astype("float32"),
        running_mean=drawn(channels).astype("float32"),
        running_var=(1.0 + drawn(channels) ** 2).astype("float32"),
    )


@np.errstate(all="ignore")
def synchronised(batch: Batch, steps: Steps) -> list[dict[str, Array]]:
    """Return the outputs of every rank, by `steps`."""
    own = [phases.moments(shard) for shard in batch.shards]
    used = [steps.merge(part, own) for part in own]
    total = sum(part.count for part in own)
    forward = [
        phases.normalize(shard, m.mean, m.var, batch.weight, batch.bias, EPS)
        for shard, m in zip(batch.shards, used, strict=True)
    ]
    sums = [
        phases.sums(grad, normalized)
        for grad, (_, normalized) in zip(batch.grad_outputs, forward, strict=True)
    ]
    outputs = []
    for rank, (output, normalized) in enumerate(forward):
        n = steps.unbiased_count(own[rank].count, total)
        var = used[rank].var * (n / max(n - 1, 1))
        outputs.append(
            {
                "output": output,
                "running_mean": _average(batch.running_mean, used[rank].mean),
                "running_var": _average(batch.running_var, var),
                "grad_input": phases.grad_input(
                    batch.grad_outputs[rank],
                    normalized,
                    steps.add(sums[rank], sums),
                    steps.divisor(own[rank].count, total),
                ),
                "grad_weight": sums[rank].projection.astype("float32"),
                "grad_bias": sums[rank].grad.astype("float32"),
            }
        )
    return outputs


def judged(batch: Batch, outputs: Sequence[dict[str, Array]]) -> list[tuple[Check, ...]]:
    """Return the checks of every rank's outputs, by the oracle."""
    exacts = sync_batch_norm(
        [_wide(shard) for shard in batch.shards],
        *map(_wide, (batch.weight, batch.bias, batch.running_mean, batch.running_var)),
        dialect=Dialect(),
        training=True,
        momentum=MOMENTUM,
        eps=EPS,
        grad_outputs=[_wide(grad) for grad in batch.grad_outputs],
    )
    dtype = batch.shards[0].dtype.name
    return [
        judge(got, exact, dialect=Dialect(), dtype=dtype)
        for got, exact in zip(outputs, exacts, strict=True)
    ]


def failed(checks: Sequence[tuple[Check, ...]]) -> set[str]:
    """Return the outputs that failed on some rank."""
    return {check.output for rank in checks for check in rank if check.verdict == "fail"}


def splits(ranks: int = 5) -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Return a strategy for the sizes (N, S) of some ranks, of two values or more in all."""
    size = st.lists(st.integers(0, 4), min_size=2, max_size=2).map(tuple)
    return st.lists(size, min_size=1, max_size=ranks).filter(
        lambda sizes: sum(n * s for n, s in sizes) > 1
    )


def _average(running: Array, batch: Array) -> Array:
    average: Array = (1.0 - MOMENTUM) * running.astype(np.float64) + MOMENTUM * batch
    return average.astype(running.dtype)


def _wide(array: Array) -> NDArray[np.float64]:
    return array.astype(np.float64)
