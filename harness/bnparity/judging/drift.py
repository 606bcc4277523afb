"""How far the running statistics of a layer drift from exact over many steps.

A call that is judged by itself begins with the statistics it is given. A layer goes on from its
own, so that what every step rounds away stays: this is measured once, on one fixed trajectory.
"""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from bnparity.backends import Remote, format_of
from bnparity.cases import declaration
from bnparity.judging.trajectory import DRIFT_OF, follow
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
    ``worst`` and ``last`` are the checks at the step with the largest share, and at the last one.
    """

    ulp: float
    share: float
    path: tuple[float, ...]
    worst: Check | None = None
    last: Check | None = None


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """An output that was beyond every bound at some steps, judged from the state before each.

    ``first`` is the first of these steps, counted from 1, and ``check`` what was wrong there.
    """

    steps: int
    first: int
    check: Check


@dataclass(frozen=True, kw_only=True)
class Drift:
    """The drift of each running statistic, by name, over a number of steps; and wrong outputs."""

    steps: int
    statistics: Mapping[str, Statistic]
    wrong: Mapping[str, Wrong] = field(default_factory=dict)

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
        wrong = {
            name: {"steps": found.steps, "first": found.first, **found.check.element()}
            for name, found in self.wrong.items()
        }
        return {"steps": self.steps, "statistics": statistics} | ({"wrong": wrong} if wrong else {})


def measure_drift(
    remote: Remote,
    api: str,
    *,
    kind: str = "BatchNorm1d",
    rank: int = 2,
    channels: int = _CHANNELS,
    dtype: str = "float32",
    steps: int = STEPS,
    deadline: float = math.inf,
) -> Drift:
    """Return the drift of a new layer of a kind over a fixed trajectory of data in `dtype`.

    Three steps of four train, on 8 values or more for each channel, whose mean is 3 to 30 standard
    deviations. `api` is an `Api`, or the dialect of a layer of one's own; `rank` is the number of
    axes of the data. After the `time.monotonic` of `deadline` no step is made.

    Raises
    ------
    bnparity.backends.remote_layer.LayerError
        If the layer raised something.
    """
    declared = declaration(api)
    defaults = {"eps": declared.default_eps, "momentum": declared.default_momentum}
    trajectory = follow(remote, api, kind, channels, **defaults)
    rng, seen = np.random.default_rng(_SEED), dict[str, list[tuple[int, Check]]]()
    spatial = (2,) * (rank - 2)
    means = np.linspace(3.0, 30.0, channels).reshape(-1, *(1,) * len(spatial))
    made = 0
    for step in range(steps):
        if time.monotonic() > deadline:
            break
        made += 1
        trajectory.train(step % _EVERY != 0)
        x = rng.normal(means, 1.0, size=(_VALUES, channels, *spatial)).astype(
            format_of(dtype).dtype
        )
        for check in trajectory.call(x):
            seen.setdefault(check.output, []).append((step + 1, check))
    drifts = {
        name.removeprefix(DRIFT_OF): _statistic([check for _, check in checks])
        for name, checks in seen.items()
        if name.startswith(DRIFT_OF)
    }
    failed = {
        name: [(step, check) for step, check in checks if check.verdict == "fail"]
        for name, checks in seen.items()
        if not name.startswith(DRIFT_OF)
    }
    wrong = {
        name: Wrong(steps=len(found), first=found[0][0], check=found[0][1])
        for name, found in failed.items()
        if found
    }
    return Drift(steps=made, statistics=drifts, wrong=wrong)


def _statistic(checks: Sequence[Check]) -> Statistic:
    worst = max(checks, key=lambda check: check.ratio)
    return Statistic(
        ulp=max(check.ulp for check in checks),
        share=worst.ratio / TIGHT,
        path=tuple(check.ulp for check in checks),
        worst=_of_output(worst),
        last=_of_output(checks[-1]),
    )


def _of_output(check: Check) -> Check:
    return replace(check, output=check.output.removeprefix(DRIFT_OF))
