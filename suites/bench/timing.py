"""Contenders timed in turn, so that a busy machine is as unfair to one as to another."""

import time
from collections.abc import Callable, Mapping
from statistics import median

#: Rounds in which each contender has its turn, and seconds that a turn may take.
ROUNDS, TURN = 9, 0.02
#: Before each turn: threads of the last one that still spin, waiting for work, give up meanwhile.
PAUSE = 0.005

Contenders = Mapping[str, Callable[[], object]]


def in_turn(contenders: Contenders) -> dict[str, list[float]]:
    """Return the seconds of a call of each contender, round by round."""
    times: dict[str, list[float]] = {name: [] for name in contenders}
    counts = {name: max(1, int(TURN / _warm(call))) for name, call in contenders.items()}
    for _ in range(ROUNDS):
        for name, call in contenders.items():
            time.sleep(PAUSE)
            call()  # brings data and code back into cache, as they are in a network
            times[name].append(_each(call, counts[name]))
    return times


def ratio(times: Mapping[str, list[float]], slow: str, fast: str) -> float:
    """Return how many times longer one takes than another: the median of the rounds' ratios."""
    return median(a / b for a, b in zip(times[slow], times[fast], strict=True))


def _warm(call: Callable[[], object]) -> float:
    """Return the seconds of a call after what is done once has been done."""
    for _ in range(3):
        call()
    return _each(call, 3)


def _each(call: Callable[[], object], count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        call()
    return (time.perf_counter() - begin) / count
