"""What a framework's layer refuses, the local one refuses: at the same step, with the same type."""

import numpy as np
import pytest
from bnparity.backends import LayerError, Opened, make
from bnparity.judging import Api

from bnparity_suites.bad_input import MINDSPORE, TORCH
from bnparity_suites.pairs import about, pair
from bnparity_suites.trials import Trial, attempt

APIS: tuple[tuple[Api, list[Trial]], ...] = (("torch", TORCH), ("mindspore", MINDSPORE))
TRIALS = [
    pytest.param(api, kind, trial, id=f"{api} {kind} {trial}", marks=about(api))
    for api, trials in APIS
    for trial in trials
    for kind in trial.kinds
]


@pytest.mark.parametrize(("api", "kind", "trial"), TRIALS)
def test_layers_refuse_and_follow_alike(
    bn_opened: dict[str, Opened], api: Api, kind: str, trial: Trial
) -> None:
    """Each step is refused by both, with the same type, or both follow the oracle."""
    real, local = (attempt(remote, api, kind, trial) for remote in pair(bn_opened, api))
    if trial.differs:
        assert (real.outcomes, local.outcomes) == (trial.real, trial.local), trial.differs
    else:
        assert real.outcomes == local.outcomes, (real.messages, local.messages)
        assert not [outcome for outcome in real.outcomes if outcome.startswith("astray")]
    for message in local.messages:
        assert [word for word in trial.says if word not in message] == [], message


@about("torch")
def test_torch_takes_data_without_channels(bn_opened: dict[str, Opened]) -> None:
    """A layer of three channels lets through a batch of none, counts it, and moves nothing."""
    empty = np.ones((2, 0, 1, 1), np.float32)
    for remote in pair(bn_opened, "torch"):
        layer = make(remote, "BatchNorm2d", 3)
        fresh = layer.state()
        assert layer(empty, empty)["grad_input"].shape == empty.shape
        after = layer.state()
        assert after.pop("num_batches_tracked") == fresh.pop("num_batches_tracked") + 1
        assert all(np.array_equal(after[name], fresh[name]) for name in fresh)


@about("torch")
def test_torch_told_to_count_without_a_count_refuses_its_own_state(
    bn_opened: dict[str, Opened],
) -> None:
    """It adds to the state the count that it thinks is missing, and has no place for it."""
    for remote in pair(bn_opened, "torch"):
        layer = make(remote, "BatchNorm2d", 3, track_running_stats=False)
        layer.set("track_running_stats", True)
        with pytest.raises(LayerError, match=r"(?s)RuntimeError: .*num_batches_tracked"):
            layer.load(layer.state())


@about("mindspore")
def test_mindspore_trains_on_statistics_of_other_channels(bn_opened: dict[str, Opened]) -> None:
    """It moves as many as there are; the local layer refuses, and says why."""
    batch = np.ones((2, 3, 1, 1), np.float32)
    real, local = (make(remote, "BatchNorm2d", 3) for remote in pair(bn_opened, "mindspore"))
    for layer in (real, local):
        layer.set("moving_mean", np.full(4, 7.0, np.float32))
        layer.train()
    assert real(batch)["output"].shape == batch.shape
    with pytest.raises(
        LayerError, match=r"ValueError: moving_mean has shape \(4,\): .* 3 channels"
    ):
        local(batch)
