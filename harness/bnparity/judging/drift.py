"""How far the running statistics of a layer drift from exact over many steps.

A call that is judged by itself begins with the statistics it is given. A layer goes on from its
own, so that what every step rounds away stays: this is measured once, on one fixed trajectory.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bnparity.backends import Remote
from bnparity.judging.trajectory import DRIFT_OF, Api, follow
from bnparity.judging.verdicts import TIGHT, Check

#: Steps of the trajectory: momentum has long forgotten the first when the last is made.
STEPS = 100
#: One step of so many infers: if it moved the statistics, that would show as drift.
_EVERY = 4
_CHANNELS, _VALUES = 4, 8
_SEED = 0


@dataclass(frozen=True, kw_only=True)
class Statistic:
    """The drift of one running statistic.

    ``ulp`` is the largest distance from float64 arithmetic, in units in the last place of the
    layer's format; ``share`` the same as a share of what the bounds of the steps add up to: above
    1, rounding does not explain it. ``path`` is the distance after each step that trains.
    """

    ulp: float
    share: float
    path: tuple[float, ...]


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The drift of each running statistic, by name, over a number of steps."""

    steps: int
    statistics: Mapping[str, Statistic]

    @property
    def beyond(self) -> tuple[str, ...]:
        """The statistics that drift by more than rounding explains."""
        return tuple(name for name, found in self.statistics.items() if found.share > 1.0)

    def to_json(self) -> dict[str, Any]:
        """Return the drift as results have it."""
        statistics = {
            name: {"max_ulp": found.ulp, "worst_share": found.share, "path": list(found.path)}
            for name, found in self.statistics.items()
        }
        return {"steps": self.steps, "statistics": statistics}


def measure_drift(
    remote: Remote, api: Api, *, steps: int = STEPS, deadline: float = math.inf
) -> Drift:
    """Return the drift of a new float32 ``BatchNorm1d`` over a fixed trajectory.

    Three steps of four train, on 8 values for each of 4 channels whose mean is 3 to 30 standard
    deviations. After the `time.monotonic` of `deadline` no step is made.

    Raises
    ------
    bnparity.backends.remote_layer.LayerError
        If the layer raised something.
    """
    trajectory = follow(remote, api, "BatchNorm1d", _CHANNELS)
    rng, seen = np.random.default_rng(_SEED), dict[str, list[Check]]()
    means = np.linspace(3.0, 30.0, _CHANNELS)
    made = 0
    for step in range(steps):
        if time.monotonic() > deadline:
            break
        made += 1
        trajectory.train(step % _EVERY != 0)
        x = rng.normal(means, 1.0, size=(_VALUES, _CHANNELS)).astype(np.float32)
        for check in trajectory.call(x):
            if check.output.startswith(DRIFT_OF):
                seen.setdefault(check.output.removeprefix(DRIFT_OF), []).append(check)
    statistics = {
        name: Statistic(
            ulp=max(check.ulp for check in checks),
            share=max(check.ratio for check in checks) / TIGHT,
            path=tuple(check.ulp for check in checks),
        )
        for name, checks in seen.items()
    }
    return Drift(steps=made, statistics=statistics)
