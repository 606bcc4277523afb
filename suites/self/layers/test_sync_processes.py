"""The synchronised layer over torch.distributed: real processes, gloo, a shard each."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from bnparity_suites.processes import assert_trained_together, trained
from bnparity_suites.shards import Batch, batch_of


def steps_of(*sizes: Sequence[tuple[int, ...]], dtype: str = "float32") -> list[Batch]:
    """Return a batch for each step, whose ranks hold `sizes`."""
    param_dtype = "float64" if dtype == "float64" else "float32"
    return [
        batch_of(each, dtype=dtype, param_dtype=param_dtype, seed=seed)
        for seed, each in enumerate(sizes)
    ]


@pytest.mark.parametrize(
    "steps",
    [
        steps_of([(3, 2), (1, 5)], [(0, 2), (4, 1)], [(1, 1), (1, 1)]),
        steps_of([(3, 2), (0, 4), (2, 7)], [(1, 300), (2, 1), (0, 1)], dtype="float16"),
        steps_of([(2, 2), (0, 1), (1, 3), (5, 2)], [(0, 3), (0, 2), (3, 3), (0, 1)]),
    ],
    ids=["two", "three", "four"],
)
def test_processes_train_as_one(tmp_path: Path, steps: list[Batch]) -> None:
    """Uneven and empty shards, step after step: each rank is what the oracle says."""
    groups = [range(len(steps[0].shards))]
    answers = trained(tmp_path, steps, layer="local", groups=groups)
    assert_trained_together(steps, answers, groups)


def test_process_groups_train_apart(tmp_path: Path) -> None:
    """Two groups of two: each as the oracle says of it, and not of all four."""
    steps = steps_of(
        [(2, 2), (3, 1), (1, 4), (0, 2)], [(1, 2), (0, 1), (2, 2), (4, 3)], dtype="float64"
    )
    groups = [[0, 1], [2, 3]]
    answers = trained(tmp_path, steps, layer="local", groups=groups)
    assert_trained_together(steps, answers, groups)
    with pytest.raises(AssertionError):
        assert_trained_together(steps, answers, [range(4)])
