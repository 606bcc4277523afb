"""Backends judged at the same time, as many as there are cores; each as soon as it is ready.

They are asked the same cases, so what is due of one is worked out once for all.
"""

import math
import os
import time
from collections.abc import Iterator, Sequence
from queue import Queue
from threading import Thread

from bnparity.backends import Name
from bnparity.judging import Dues, Remembered, due_of
from bnparity.results import Judgement
from bnparity.sessions.clock import Clock
from bnparity.sessions.opening import Opening
from bnparity.sessions.plan import Plan, unjudged
from bnparity.sessions.session import Along, Progress, judged


def judge_backends(names: Sequence[Name], plan: Plan, progress: Progress) -> Iterator[Judgement]:
    """Judge each backend by `plan`, as they get ready; an unavailable one is a judgement too."""
    end = time.monotonic() + (math.inf if plan.seconds is None else plan.seconds)
    for name in names:
        progress(
            unjudged(name), Along()
        )  # who waits for a framework to be imported sees whose it is
    # A backend in this process may not be made for several threads.
    slots = 1 if plan.in_process else min(len(names), os.cpu_count() or 1)
    clock = Clock(end=end, left=len(names), slots=max(slots, 1), patient=bool(plan.least))
    opening, results = Opening(names, plan), Queue[Judgement | BaseException | None]()
    dues = due_of if len(names) == 1 else Remembered()

    def work() -> None:
        try:
            for judgement in _one_by_one(opening, clock, plan, progress, dues):
                results.put(judgement)
            results.put(None)
        except BaseException as error:  # noqa: BLE001  # it is raised where the session was asked for
            results.put(error)

    try:
        for _ in range(slots):
            # A daemon: nobody waits for a call when the session is told to end at once.
            Thread(target=work, daemon=True).start()
        while slots:
            found = results.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                slots -= 1
            else:
                yield found
    finally:
        late = opening.close()
    for name in () if plan.stopped() else late:
        yield unjudged(name, "it was not ready in time: give a longer --time")


def _one_by_one(
    opening: Opening, clock: Clock, plan: Plan, progress: Progress, dues: Dues
) -> Iterator[Judgement]:
    """Judge backends as they get ready, until none is left or the session is over."""
    # What compiles does so once in a machine's life: unless a time was given, it may.
    while following := opening.next(math.inf if plan.least else clock.end):
        if plan.stopped():
            following[1].add_done_callback(lambda ready: ready.result().stack.close())
            return
        with opening.taken(*following) as backend, clock.working() as seconds:
            yield judged(following[0], backend, plan, progress, seconds, dues)
