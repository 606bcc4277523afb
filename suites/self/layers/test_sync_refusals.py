"""What the synchronised layers of both APIs refuse."""

from typing import Any

import numpy as np
import pytest
import torch
from bnparity.layers import mindspore_api, ranks, torch_api
from bnparity_suites.shards import batch_of
from replicas import mindspore_layer, torch_layer


def test_a_replica_cannot_work_by_itself() -> None:
    """The message says what to call instead."""
    batch = batch_of([(2, 2), (2, 2)])
    for make in (torch_layer, mindspore_layer):
        layer = make(batch, ranks.in_process(2)[0])
        with pytest.raises(RuntimeError, match=r"ranks\.forward"):
            layer(batch.shards[0][:, :, 0])


def test_groups_that_cannot_work_are_refused() -> None:
    """With what is wrong: too few arrays, two modes in one group, replicas out of order."""
    batch = batch_of([(2, 2), (2, 2)])
    replicas: list[Any] = [torch_layer(batch) for _ in range(2)]
    with pytest.raises(ValueError, match="shards has 1 arrays: give one to each of 2"):
        ranks.forward(replicas, batch.shards[:1])
    with pytest.raises(ValueError, match="ranks 0 and 1 of one group are in different modes"):
        ranks.forward([replicas[0].train(), replicas[1].eval()], batch.shards)
    swapped = [torch_layer(batch, group) for group in reversed(ranks.in_process(2))]
    with pytest.raises(ValueError, match="in their order"):
        ranks.forward(swapped, batch.shards)


def test_process_group_of_another_kind_is_refused() -> None:
    """When it is first needed, as PyTorch does."""
    layer: Any = torch_api.SyncBatchNorm(2, process_group="world")
    with pytest.raises(TypeError, match="process_group='world'"):
        layer(np.ones((2, 2), np.float32))


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("x", ValueError),
        (((0, 1),), ValueError),
        ([(0, 1)], ValueError),
        ([0, 1], TypeError),
        ([[0.0, 1]], TypeError),
        ([["0"]], TypeError),
        ([[True]], TypeError),
        ([[0, 2]], ValueError),
        ([[-1]], ValueError),
        ([[0, 0]], ValueError),
        ([[0], [0, 1]], ValueError),
    ],
    ids=str,
)
def test_process_groups_are_checked_as_mindspore_does(given: Any, kind: type[Exception]) -> None:
    """In a world of two ranks; `bnparity_suites` asks MindSpore the same."""
    layer = mindspore_api.SyncBatchNorm.on(ranks.in_process(2)[0])
    with pytest.raises(kind) as raised:
        layer(3, process_groups=given)
    assert str(given) in str(raised.value)


@pytest.mark.parametrize(
    ("shape", "taken"),
    [((4,), False), ((4, 0), False), ((4, 2), True), ((2, 2, 3, 1, 2, 2), True), ((4, 3), False)],
    ids=str,
)
def test_shapes_are_those_that_torch_takes(shape: tuple[int, ...], taken: bool) -> None:
    """Two axes or more, the right channels: with its type of exception."""
    x = np.random.default_rng(0).standard_normal(shape).astype(np.float32)
    local, real = torch_api.SyncBatchNorm(2), torch.nn.SyncBatchNorm(2)
    if taken:
        assert local(x).shape == tuple(real(torch.from_numpy(x)).shape)
        return
    with pytest.raises((ValueError, RuntimeError)) as refused:
        real(torch.from_numpy(x))
    with pytest.raises(refused.type):
        local(x)


def test_empty_shard_of_other_channels_is_refused() -> None:
    """The others could not merge what it has to say."""
    layer = torch_api.SyncBatchNorm(2)
    with pytest.raises(RuntimeError, match="3 channels: give 2"):
        layer(np.ones((0, 3), np.float32))


@pytest.mark.parametrize("shape", [(4, 2, 3), (4, 2, 1, 1, 1)], ids=str)
def test_mindspore_takes_two_axes_or_four(shape: tuple[int, ...]) -> None:
    """As documented; `bnparity_suites` asks MindSpore the same."""
    with pytest.raises(ValueError, match="axes"):
        mindspore_api.SyncBatchNorm(2)(np.ones(shape, np.float32))
