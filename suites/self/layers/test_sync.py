"""The synchronised layers of both APIs as replicas in one process, judged rank by rank."""

import inspect
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import pytest
import torch
from bnparity.cases.dialects import declaration
from bnparity.layers import mindspore_api, ranks, torch_api
from bnparity_reference import Dialect
from bnparity_suites.shards import EPS, MOMENTUM, Batch, batch_of, failed, judged, splits
from hypothesis import given
from hypothesis import strategies as st
from replicas import mindspore_layer, statistics, stepped, torch_layer

Make: TypeAlias = Callable[[Batch, ranks.Group | None], Any]

each_api = pytest.mark.parametrize(
    ("make", "dialect"),
    [
        (torch_layer, declaration("torch").dialect),
        (mindspore_layer, declaration("mindspore").dialect),
    ],
    ids=["torch", "mindspore"],
)


@each_api
@given(
    sizes=splits(),
    seed=st.integers(0, 2**16),
    dtypes=st.sampled_from(
        [("float32", "float32"), ("float16", "float32"), ("float16", "float16")]
    ),
    location=st.sampled_from([0.0, 1.0, 100.0]),
)
def test_every_rank_is_what_the_oracle_says(
    make: Make,
    dialect: Dialect,
    sizes: list[tuple[int, ...]],
    seed: int,
    dtypes: tuple[str, str],
    location: float,
) -> None:
    """Over three steps, and all ranks have the same statistics, whatever the split."""
    sizes = [(n, s, 1) for n, s in sizes]
    dtype, param_dtype = dtypes
    first = batch_of(sizes, dtype=dtype, param_dtype=param_dtype, seed=seed, location=location)
    replicas = [make(first, None) for _ in sizes]
    before = first
    for step in range(3):
        drawn = batch_of(sizes, dtype=dtype, seed=seed + step, location=location)
        batch = before.with_data(drawn)
        outputs = stepped(replicas, batch)
        assert not failed(judged(batch, outputs, dialect=dialect))
        assert len({found["running_var"].tobytes() for found in outputs}) == 1
        before = batch.after(outputs[0])


@pytest.mark.parametrize("dtype", ["float64", "bfloat16"])
def test_other_formats_are_judged_too(dtype: str) -> None:
    """Of PyTorch's API; MindSpore's has no such layer."""
    param_dtype = "float64" if dtype == "float64" else "float32"
    batch = batch_of([(3, 2), (0, 2), (4, 5)], dtype=dtype, param_dtype=param_dtype)
    assert not failed(judged(batch, stepped([torch_layer(batch) for _ in range(3)], batch)))


@each_api
def test_large_counts_in_half_are_exact(make: Make, dialect: Dialect) -> None:
    """Counts beyond the largest float16, and odd ones beyond bfloat16's integers."""
    batch = batch_of([(1, 257, 256), (1, 3, 1)], channels=1, dtype="float16")
    outputs = stepped([make(batch, None) for _ in range(2)], batch)
    assert not failed(judged(batch, outputs, dialect=dialect))


@each_api
def test_one_rank_alone_is_a_plain_layer(make: Make, dialect: Dialect) -> None:
    """Called by itself or with others that are none, to the bit."""
    batch = batch_of([(4, 3, 2)])
    alone, driven = make(batch, None), make(batch, None)
    output = alone(batch.shards[0])
    found = vars(alone.backward(batch.grad_outputs[0])) | {"output": output, **statistics(alone)}
    (together,) = stepped([driven], batch)
    for name, array in found.items():
        assert np.array_equal(array, together[name]), name
    assert not failed(judged(batch, [found], dialect=dialect))


def test_process_groups_select_who_synchronises() -> None:
    """Replicas of one group end with equal statistics, those of the other with others."""
    batch = batch_of([(3, 2), (1, 4), (2, 2), (0, 2)])
    world, groups = ranks.in_process(4), ([0, 2], [1, 3])
    replicas: list[Any] = [
        torch_layer(batch, rank.subgroup(next(g for g in groups if place in g)))
        for place, rank in enumerate(world)
    ]
    outputs = stepped(replicas, batch)
    for group in groups:
        assert not failed(judged(batch.of(group), [outputs[rank] for rank in group]))
    means = [found["running_mean"].tobytes() for found in outputs]
    assert means[0] == means[2] != means[1] == means[3]


def test_mindspore_process_groups_select_who_synchronises() -> None:
    """A rank that is in no list, or alone in its own, keeps to itself."""
    batch = batch_of([(3, 2, 2), (2, 4, 1), (2, 2, 2), (5, 2, 1), (1, 4, 4)])
    lists = [[3, 0], [1]]
    replicas = [
        mindspore_api.SyncBatchNorm.on(rank)(
            2, EPS, 1.0 - MOMENTUM, process_groups=lists
        ).set_train()
        for rank in ranks.in_process(5)
    ]
    fresh = {
        "weight": np.ones(2, np.float32),
        "bias": np.zeros(2, np.float32),
        "running_mean": np.zeros(2, np.float32),
        "running_var": np.ones(2, np.float32),
    }
    batch = Batch(shards=batch.shards, grad_outputs=batch.grad_outputs, **fresh)
    outputs = stepped(replicas, batch)
    for group in ([0, 3], [1], [2], [4]):
        found = [outputs[rank] for rank in group]
        dialect = declaration("mindspore").dialect
        assert not failed(judged(batch.of(group), found, dialect=dialect)), group


def test_zero_for_process_groups_is_no_synchronisation() -> None:
    """As MindSpore has it, without saying so."""
    layer = mindspore_api.SyncBatchNorm.on(ranks.in_process(2)[1])(2, process_groups=0)
    assert layer.group == ranks.InProcess(members=(1,), rank=0)


@pytest.mark.parametrize("training", [True, False])
def test_inference_keeps_ranks_apart(training: bool) -> None:
    """Without running statistics each rank normalises by its own shard, but in training."""
    batch = batch_of([(4, 2), (2, 3)])
    replicas = [torch_api.SyncBatchNorm(2, track_running_stats=False) for _ in batch.shards]
    together = ranks.forward([replica.train(training) for replica in replicas], batch.shards)
    apart = [torch_api.BatchNorm1d(2, track_running_stats=False)(x) for x in batch.shards]
    same = [np.array_equal(a, b) for a, b in zip(together, apart, strict=True)]
    assert same == [not training] * 2


def test_backward_follows_the_mode_of_the_forward_pass() -> None:
    """A switch to inference in between changes no gradient."""
    batch = batch_of([(4, 2), (2, 3)])
    gradients = []
    for training in (True, False):
        replicas = [torch_layer(batch) for _ in batch.shards]
        ranks.forward(replicas, batch.shards)
        for replica in replicas:
            replica.train(training)
        gradients.append(ranks.backward(replicas, batch.grad_outputs))
    for kept, switched in zip(*gradients, strict=True):
        assert np.array_equal(kept.grad_input, switched.grad_input)


def test_one_value_on_each_of_two_ranks_is_enough_to_train() -> None:
    """It is not on one rank, which PyTorch's plain layers refuse too."""
    batch = batch_of([(1, 1), (1, 1)])
    assert not failed(judged(batch, stepped([torch_layer(batch) for _ in range(2)], batch)))
    for alone in (torch_layer(batch), torch_layer(batch, ranks.in_process(2)[1].subgroup([1]))):
        with pytest.raises(ValueError, match="one value per channel"):
            alone(batch.shards[0])
    with pytest.raises(ValueError, match="one value per channel"):
        ranks.forward([torch_layer(batch)], batch.shards[:1])


def test_all_ranks_empty_leave_the_statistics() -> None:
    """There was nothing to learn from; the batch is counted all the same."""
    batch = batch_of([(0, 2), (0, 3)])
    replicas = [torch_layer(batch) for _ in batch.shards]
    outputs = stepped(replicas, batch)
    for found in outputs:
        assert np.array_equal(found["running_mean"], batch.running_mean)
        assert found["grad_weight"].tolist() == [0.0, 0.0]
    assert replicas[0].num_batches_tracked == 1


def test_momentum_none_counts_steps_and_not_ranks() -> None:
    """The first batch is the average, however many ranks hold a part of it."""
    replicas = [torch_api.SyncBatchNorm(1, momentum=None) for _ in range(3)]
    ranks.forward(replicas, [np.full((1, 1), x, np.float32) for x in (1.0, 2.0, 6.0)])
    for replica in replicas:
        assert replica.num_batches_tracked == 1
        assert replica.running_mean == np.array([3.0], np.float32)


def test_signature_is_that_of_torch() -> None:
    """Names, order, defaults and kinds."""
    real, local = (
        [(p.name, p.default, p.kind) for p in inspect.signature(kind).parameters.values()]
        for kind in (torch.nn.SyncBatchNorm, torch_api.SyncBatchNorm)
    )
    assert local == real
