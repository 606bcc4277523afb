"""How long a worker has worked, and waited for a processor: a busy machine is no fault of its."""

from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from bnparity.backends.worker.keeper import children_of


class Spent(NamedTuple):
    """Seconds of a worker: those that all its threads ``used``, and the most that one ``waited``.

    A thread waits while it could run and another does. Both are 0 where the system does not tell.
    """

    used: float
    waited: float


def spent_by(keeper: int) -> Spent:
    """Return what the worker below a keeper has spent since it was started."""
    used, waited = 0, 0
    for worker in children_of(keeper):
        for told in Path(f"/proc/{worker}/task").glob("*/schedstat"):
            with suppress(OSError, ValueError):
                ran, delayed, _ = map(int, told.read_text().split())
                used, waited = used + ran, max(waited, delayed)
    return Spent(used * 1e-9, waited * 1e-9)


def has_had(seconds: float, passed: float, before: Spent, now: Spent) -> bool:
    """Return whether a worker has had so many seconds for itself, of those that have passed.

    It has if it used them, or if it did not wait for a processor but for something else.

    Examples
    --------
    >>> has_had(2.0, 3.0, Spent(0.0, 0.0), Spent(0.4, 2.6))
    False
    """
    idle = passed - (now.waited - before.waited)
    return passed >= seconds and max(idle, now.used - before.used) >= seconds
