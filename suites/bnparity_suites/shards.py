"""Batches split over ranks, and the verdict on what each rank made of its shard."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from bnparity.backends import Array
from bnparity.judging import Check, judge
from bnparity_reference import Dialect, sync_batch_norm
from hypothesis import strategies as st
from numpy.typing import NDArray

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

    def of(self, ranks: Sequence[int]) -> "Batch":
        """Return what some `ranks` hold of it."""
        return replace(
            self,
            shards=tuple(self.shards[rank] for rank in ranks),
            grad_outputs=tuple(self.grad_outputs[rank] for rank in ranks),
        )

    def with_data(self, other: "Batch") -> "Batch":
        """Return the batch with the data of another step."""
        return replace(self, shards=other.shards, grad_outputs=other.grad_outputs)

    def after(self, outputs: Mapping[str, Array]) -> "Batch":
        """Return the batch with the running statistics that a call left."""
        return replace(
            self, running_mean=outputs["running_mean"], running_var=outputs["running_var"]
        )


def batch_of(
    sizes: Sequence[tuple[int, ...]],
    *,
    channels: int = 2,
    dtype: str = "float32",
    param_dtype: str = "float32",
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
        weight=drawn(channels).astype(param_dtype),
        bias=drawn(channels).astype(param_dtype),
        running_mean=drawn(channels).astype(param_dtype),
        running_var=(1.0 + drawn(channels) ** 2).astype(param_dtype),
    )


def splits() -> st.SearchStrategy[list[tuple[int, ...]]]:
    """Return a strategy for the sizes (N, S) of 1 to 5 ranks, of two values or more in all."""
    size = st.lists(st.integers(0, 4), min_size=2, max_size=2).map(tuple)
    return st.lists(size, min_size=1, max_size=5).filter(
        lambda sizes: sum(n * s for n, s in sizes) > 1
    )


def judged(
    batch: Batch,
    outputs: Sequence[Mapping[str, Array]],
    *,
    dialect: Dialect | None = None,
    training: bool = True,
) -> list[tuple[Check, ...]]:
    """Return the checks of every rank's outputs, by the oracle; the dialect is PyTorch's if None.

    A momentum of `MOMENTUM` is the batch's share in the running statistics, whatever the dialect.
    """
    dialect = Dialect() if dialect is None else dialect
    exacts = sync_batch_norm(
        [_wide(shard) for shard in batch.shards],
        *map(_wide, (batch.weight, batch.bias, batch.running_mean, batch.running_var)),
        dialect=dialect,
        training=training,
        momentum=MOMENTUM if dialect.momentum == "new" else 1.0 - MOMENTUM,
        eps=EPS,
        grad_outputs=[_wide(grad) for grad in batch.grad_outputs],
    )
    dtype = batch.shards[0].dtype.name
    return [
        judge(got, exact, dialect=dialect, dtype=dtype)
        for got, exact in zip(outputs, exacts, strict=True)
    ]


def failed(checks: Sequence[tuple[Check, ...]]) -> set[str]:
    """Return the outputs that are not accurate on some rank."""
    return {check.output for rank in checks for check in rank if check.verdict != "pass"}


def _wide(array: Array) -> NDArray[np.float64]:
    return array.astype(np.float64)
