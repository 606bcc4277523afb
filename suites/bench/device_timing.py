"""Contenders on a CUDA device timed in turn, by events of the device's own."""

from collections.abc import Callable
from typing import Any

import torch
from bench.timing import Contenders

#: Rounds in which each contender has its turn, and milliseconds that a turn may take.
ROUNDS, TURN = 15, 20.0


def in_turn_on_device(contenders: Contenders) -> dict[str, list[float]]:
    """Return the seconds of a call of each contender, round by round."""
    counts = {}
    for name, call in contenders.items():
        for _ in range(3):  # compiles, and lets cuDNN choose
            call()
        counts[name] = max(1, int(TURN / _milliseconds(call, 3)))
    times: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(ROUNDS):
        for name, call in contenders.items():
            times[name].append(_milliseconds(call, counts[name]) / 1000)
    return times


def _milliseconds(call: Callable[[], object], count: int) -> float:
    event: Any = torch.cuda.Event
    begin, end = event(enable_timing=True), event(enable_timing=True)
    call()  # the device is at work before the clock runs: no launch is waited for
    begin.record()
    for _ in range(count):
        call()
    end.record()
    end.synchronize()
    return float(begin.elapsed_time(end)) / count
