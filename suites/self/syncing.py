"""A synchronised kernel made of the local one's phases, to go wrong wherever ranks agree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from bnparity.kernels import phases
from bnparity.kernels.phases import Moments, Sums
from bnparity_suites.shards import EPS, MOMENTUM, Batch
from numpy.typing import NDArray

Array = NDArray[Any]


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


def _average(running: Array, batch: Array) -> Array:
    average: Array = (1.0 - MOMENTUM) * running.astype(np.float64) + MOMENTUM * batch
    return average.astype(running.dtype)
