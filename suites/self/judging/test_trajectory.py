"""A layer over time is judged at every step, and its drift from exact is bounded and measured."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from bnparity.backends.open import Opened
from bnparity.backends.remote_layer import Remote
from bnparity.judging.trajectory import Api, Trajectory, follow

Arrays = Mapping[str, Any]


def walk(trajectory: Trajectory, steps: int = 30) -> dict[str, float]:
    """Return the worst ratio of each check over a walk of train and eval steps."""
    rng, worst = np.random.default_rng(1), dict[str, float]()
    for _ in range(steps):
        trajectory.train(bool(rng.integers(3)))
        x = rng.normal(50.0, 3.0, size=(int(rng.integers(2, 6)), 3, 2)).astype(np.float32)
        for check in trajectory.call(x, rng.normal(size=x.shape).astype(np.float32)):
            worst[check.output] = max(worst.get(check.output, 0.0), check.ratio)
    return worst


def remote_of(backend: Opened) -> Remote:
    """Return what answers requests about the layers of a backend; skip where there is none."""
    if backend.remote is None:
        pytest.skip(backend.reason)
    return backend.remote


@pytest.mark.parametrize("api", ["torch", "mindspore"])
def test_real_layer_keeps_within_the_bound(api: Api, bn_opened: dict[str, Opened]) -> None:
    """Every output of every step is accurate, and the statistics drift no further than allowed."""
    worst = walk(follow(remote_of(bn_opened[api]), api, "BatchNorm1d", 3))
    assert len(worst) == 8
    assert max(worst.values()) <= 4.0


@pytest.mark.parametrize(
    ("arguments", "outputs"),
    [({"momentum": None}, 8), ({"track_running_stats": False}, 4), ({"affine": False}, 6)],
    ids=str,
)
def test_arguments_of_torch_are_followed(
    arguments: dict[str, Any], outputs: int, bn_opened: dict[str, Opened]
) -> None:
    """Each argument changes what is expected as it changes what the layer does."""
    worst = walk(follow(remote_of(bn_opened["torch"]), "torch", "BatchNorm1d", 3, **arguments))
    assert len(worst) == outputs
    assert max(worst.values()) <= 4.0


@pytest.mark.parametrize("value", [True, False])
def test_use_batch_statistics_is_followed(value: bool, bn_opened: dict[str, Opened]) -> None:
    """True trains and False infers, whatever the mode."""
    remote = remote_of(bn_opened["mindspore"])
    worst = walk(follow(remote, "mindspore", "BatchNorm1d", 3, use_batch_statistics=value), 10)
    assert max(worst.values()) <= 4.0
    assert ("drift of running_var" in worst) is value


def test_layer_with_another_momentum_is_found(bn_opened: dict[str, Opened]) -> None:
    """A layer that is not what was expected fails at the step, and in its drift."""
    trajectory = follow(remote_of(bn_opened["torch"]), "torch", "BatchNorm1d", 3)
    trajectory.momentum = 0.101
    worst = walk(trajectory, 5)
    assert worst["running_mean"] > 4.0
    assert worst["drift of running_mean"] > 4.0
    assert worst["output"] <= 4.0


def test_statistics_meddled_with_between_steps_show_as_drift(
    bn_opened: dict[str, Opened],
) -> None:
    """What changes the state outside of calls is no step's fault, and still no secret."""
    trajectory = follow(remote_of(bn_opened["torch"]), "torch", "BatchNorm1d", 3)
    walk(trajectory, 3)
    trajectory.layer.set("running_mean", np.full(3, 7.0, np.float32))
    worst = walk(trajectory, 3)
    assert worst["running_mean"] <= 4.0
    assert worst["drift of running_mean"] > 4.0


def test_drift_begins_anew_with_a_loaded_state(bn_opened: dict[str, Opened]) -> None:
    """A state that was loaded is where exact begins too."""
    remote = remote_of(bn_opened["torch"])
    one, other = (follow(remote, "torch", "BatchNorm1d", 3) for _ in range(2))
    walk(one, 3)
    other.load(one.layer.state())
    assert max(walk(other, 3).values()) <= 4.0
