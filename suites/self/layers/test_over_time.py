"""The local layers over steps of training and inference, each step judged by the oracle."""

from typing import Any

import numpy as np
import pytest
from bnparity.backends.open import Opened
from bnparity.judging.trajectory import Api, follow

SHAPES = {"BatchNorm1d": (3,), "BatchNorm2d": (2, 3), "BatchNorm3d": (2, 1, 3)}


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize(
    ("api", "arguments", "outputs"),
    [
        ("torch", {}, 8),
        ("torch", {"momentum": None}, 8),
        ("torch", {"track_running_stats": False}, 4),
        ("torch", {"affine": False}, 6),
        ("mindspore", {}, 8),
        ("mindspore", {"momentum": 0.3, "use_batch_statistics": True}, 8),
        ("mindspore", {"affine": False}, 6),
    ],
    ids=str,
)
def test_local_layer_keeps_within_the_bound(
    api: Api, arguments: dict[str, Any], outputs: int, kind: str, bn_opened: dict[str, Opened]
) -> None:
    """Every output of every step is accurate, and the statistics drift no further than allowed."""
    remote = bn_opened[f"{api}_api"].remote
    assert remote is not None
    trajectory = follow(remote, api, kind, 3, **arguments)
    rng, worst = np.random.default_rng(1), dict[str, float]()
    for _ in range(20):
        trajectory.train(bool(rng.integers(3)))
        x = rng.normal(50.0, 3.0, size=(int(rng.integers(2, 6)), 3, *SHAPES[kind]))
        x = x.astype(np.float32)
        for check in trajectory.call(x, rng.normal(size=x.shape).astype(np.float32)):
            worst[check.output] = max(worst.get(check.output, 0.0), check.ratio)
    assert len(worst) == outputs
    assert max(worst.values()) <= 4.0
