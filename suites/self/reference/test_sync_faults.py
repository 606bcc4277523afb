"""Synchronised BatchNorm with a wrong step: the oracle's bounds are crossed where it shows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from bnparity.kernels import phases
from bnparity.kernels.phases import Moments, Sums
from bnparity_suites.shards import Batch, batch_of, failed, judged
from syncing import Steps, synchronised


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A wrong step, the outputs in which it shows, and the sizes of ranks on which it does."""

    name: str
    steps: Steps
    shows: frozenset[str]
    sizes: tuple[tuple[int, ...], ...] = ((2, 3), (5, 1), (1, 2))
    dtype: str = "float32"


def mean_of_means(_: Moments, parts: Any) -> Moments:
    """Weigh every rank alike."""
    right = phases.merged(parts)
    mean = np.mean([part.mean for part in parts], axis=0)
    return replace(right, mean=mean)


def mean_of_variances(_: Moments, parts: Any) -> Moments:
    """Leave out what lies between the ranks' means."""
    right = phases.merged(parts)
    return replace(right, m2=sum(part.m2 for part in parts))


def poisoned_by_empty(_: Moments, parts: Any) -> Moments:
    """Let 0 / 0 of a rank without values into the mean."""
    right = phases.merged(parts)
    means = [part.mean / (part.count > 0) for part in parts]
    return replace(right, mean=np.average(means, axis=0, weights=[p.count for p in parts]))


def counted_in(dtype: str) -> Callable[[Moments, Any], Moments]:
    """Return a merge that keeps the counts in a narrow format."""

    def merge(_: Moments, parts: Any) -> Moments:
        counts = [float(np.asarray(part.count).astype(dtype)) for part in parts]
        mean = sum(n * part.mean for n, part in zip(counts, parts, strict=True)) / sum(counts)
        m2 = sum(
            part.m2 + n * (part.mean - mean) ** 2 for n, part in zip(counts, parts, strict=True)
        )
        return Moments(count=1, mean=mean, m2=m2 / sum(counts))

    return merge


def own_sums(own: Sums, _: Any) -> Sums:
    """Keep the sums of the backward pass to oneself."""
    return own


FORWARD = frozenset({"output", "running_mean", "running_var", "grad_input", "grad_weight"})
FAULTS = (
    Fault(
        name="local statistics",
        steps=Steps(merge=lambda own, _: own),
        shows=FORWARD,
    ),
    Fault(
        name="local count in the unbiased factor",
        steps=Steps(unbiased_count=lambda own, _: own),
        shows=frozenset({"running_var"}),
    ),
    Fault(
        name="mean of means",
        steps=Steps(merge=mean_of_means),
        shows=FORWARD - {"running_var"},
    ),
    Fault(
        name="mean of variances",
        steps=Steps(merge=mean_of_variances),
        shows=FORWARD - {"running_mean"},
    ),
    Fault(
        name="poisoned by an empty rank",
        steps=Steps(merge=poisoned_by_empty),
        shows=FORWARD - {"running_var"},
        sizes=((2, 3), (0, 3)),
    ),
    Fault(
        name="counts in float16",
        steps=Steps(merge=counted_in("float16")),
        shows=FORWARD,
        sizes=((4, 16400), (3, 5)),
        dtype="float16",
    ),
    Fault(
        name="counts in bfloat16",
        steps=Steps(merge=counted_in("bfloat16")),
        shows=FORWARD,
        sizes=((1, 257), (3, 5)),
        dtype="bfloat16",
    ),
    Fault(
        name="sums of the backward pass not added up",
        steps=Steps(add=own_sums),
        shows=frozenset({"grad_input"}),
    ),
    Fault(
        name="sums divided by the local count",
        steps=Steps(divisor=lambda own, _: own),
        shows=frozenset({"grad_input"}),
    ),
    Fault(
        name="sums not divided",
        steps=Steps(divisor=lambda _own, _total: 1),
        shows=frozenset({"grad_input"}),
    ),
)


def batch_for(fault: Fault) -> Batch:
    """Return the batch that a fault shows on."""
    return batch_of(fault.sizes, dtype=fault.dtype)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_wrong_synchronisation_fails(fault: Fault) -> None:
    """Each planted fault fails in the outputs that it touches, where the right kernel passes."""
    batch = batch_for(fault)
    assert not failed(judged(batch, synchronised(batch, Steps())))
    assert failed(judged(batch, synchronised(batch, fault.steps))) == fault.shows
